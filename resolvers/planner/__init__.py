"""From measurement requests to the fewest vendor calls, and back to merged series.

`planner` leads the way; the modules, in the order in which a request meets them:

- asked: `request`, `slots`, `members`
- planned, pure: `expand` (items to figures), `lots` (kinds of calls), `routes` (which buckets),
  `plan` (all of one platform), `reuse` (finer cells instead), `parting` (new members alone),
  `calls` (what is missing becomes calls)
- kept: `cells`, `store`, `chunks` (many cells an entry), `listed` (by member), `turns`
- fetched: `fetch`, `under_way` (other clients' calls)
- answered, pure: `evidence`, `places`, `straight` (whole columns), `evaluate` (all else), `answer`,
  `series`, `explain`
"""

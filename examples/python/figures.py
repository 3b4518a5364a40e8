"""Asks a gateway for daily figures of all platforms, and shows them as tables.

The cells run one after the other in an editor or a notebook, and all of them as a program:
`python figures.py --days 14 --gateway http://127.0.0.1:8000/graphql`.
"""

# %%

from __future__ import annotations

import argparse
import csv
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from switchboard_client import DailyFiguresIndicators, IndicatorKey, Switchboard

parser = argparse.ArgumentParser(description="Daily figures of all platforms.")
parser.add_argument("--gateway", default="http://127.0.0.1:8000/graphql")
parser.add_argument("--key", help="the API key, where the gateway wants one")
parser.add_argument("--days", type=int, default=14)
parser.add_argument("--time-zone", default="Europe/Paris")
parser.add_argument("--platform", action="append", help="its key; all if left out")
parser.add_argument("--csv", type=Path, default=Path("figures.csv"))
# A notebook's own arguments are not ours.
options, _ = parser.parse_known_args()

KEYS = [
    IndicatorKey.CONVERSATIONS_STARTED,
    IndicatorKey.FIRST_RESPONSE_TIME,
    IndicatorKey.SATISFACTION_RATE,
]


# %%
class Figure(NamedTuple):
    """One value; None where nobody measured it, which is not zero."""

    platform: str
    indicator: str
    unit: str
    day: str
    value: float | None
    weight: float | None
    final: bool


def asked() -> DailyFiguresIndicators:
    """Return what the gateway answers; what it refuses is raised by the client."""
    headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
    # Two years of a slow platform take longer than a page may wait.
    headers["X-Request-Timeout"] = "60"
    with Switchboard(options.gateway, headers=headers) as client:
        answer = client.daily_figures(
            KEYS, options.days, options.time_zone, options.platform, timeout=70
        )
    if answer.indicators is None:
        sys.exit("the gateway could not answer for these figures")
    return answer.indicators


answer = asked()

# %% [markdown]
# A platform that fails has no values. Say so before anybody adds up what is there.

# %%
for failure in answer.failures:
    print(f"{failure.platform}: its part is missing ({failure.code})", file=sys.stderr)
for source in answer.sources:
    if source.note:
        print(f"{source.platform}: {source.note}", file=sys.stderr)

# %%
figures = [
    Figure(
        series.platforms[0],
        series.key,
        series.unit.value,
        point.start.astimezone(ZoneInfo(options.time_zone)).date().isoformat(),
        point.value,
        point.weight,
        point.final,
    )
    for series in answer.series
    for point in series.points
]

# %% [markdown]
# With pandas a frame, to go on with; without it a file that anything can read.

# %%
if find_spec("pandas"):
    import pandas as pd

    frame = pd.DataFrame(figures).astype({"value": float, "weight": float})
    for (indicator, unit), part in frame.groupby(["indicator", "unit"], sort=False):
        print(f"\n{indicator} ({unit})")
        print(part.pivot(index="day", columns="platform", values="value").round(2).to_string())
else:
    with options.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Figure._fields)
        writer.writerows(figures)
    for one in figures:
        value = "-" if one.value is None else f"{one.value:.2f}"
        print(f"{one.day}  {one.platform:12}  {one.indicator:22} {value:>10} {one.unit}")
    print(f"written to {options.csv}")

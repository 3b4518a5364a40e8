"""The export API: the same figures as CSV, one line per group and date, or per interaction."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from vendors.gnatta.sandbox.values import mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vendors.gnatta.sandbox.answers import Document

# In a line the group comes first: what would hide its columns gets names of its own.
_INNER = {"id": "memberId", "name": "memberName"}
_BENEATH = frozenset({"values", "average"})


class Sheet(NamedTuple):
    """Lines, and the columns that are there even without any."""

    columns: tuple[str, ...]
    lines: list[Document]

    def csv(self) -> str:
        """Return the sheet as CSV (RFC 4180) with a heading; what is not known is empty."""
        names = dict.fromkeys((*self.columns, *(name for line in self.lines for name in line)))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(names))
        writer.writeheader()
        writer.writerows(self.lines)
        return text.getvalue()


def groups(document: Document) -> Sheet:
    """Return a line per group and date; the averages are left out."""
    return Sheet(("id", "name"), [line for group in document["groups"] for line in _lines(group)])


def averages(document: Document) -> Sheet:
    """Return the average over the groups: a line per date, or one."""
    found: defaultdict[str | None, list[float | None]] = defaultdict(list)
    for line in groups(document).lines:
        found[line.get("date")].append(line["value"])
    return Sheet(
        (),
        [
            ({} if date is None else {"date": date}) | {"average": mean(values)}
            for date, values in found.items()
        ],
    )


def interactions(document: Document) -> Sheet:
    """Return a line per interaction; contexts are further columns."""
    return Sheet(
        ("reference", "channel", "timestamp"),
        [
            {name: value for name, value in row.items() if name != "contexts"}
            | _contexts(row["contexts"])
            for row in document["interactions"]
        ],
    )


def _lines(group: Document) -> Iterable[Document]:
    own = {name: value for name, value in group.items() if name not in _BENEATH}
    for inner in group.get("values", [{}]):
        yield own | {_INNER.get(name, name): value for name, value in inner.items()}


def _contexts(contexts: Mapping[str, Any]) -> Document:
    rest = {name: value for name, value in contexts.items() if name != "data"}
    return rest | {f"data {one['id']}": one["value"] for one in contexts.get("data", [])}

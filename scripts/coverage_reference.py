"""Writes docs/coverage.md and docs/native-figures.md from the tables of the vendors.

.venv/bin/python -m scripts.coverage_reference
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vendors.measures import Dimension, Figure, Grouping, Measurables, Source
from vendors.operations import Operation
from vendors.parameters import Parameter, Way
from vendors.port import VendorSpec, Wiring
from vendors.registry import specs
from vendors.world import World

__all__ = ["PAGES", "main"]

_DOCS = Path(__file__).resolve().parent.parent / "docs"
_EXAMPLES = "../examples/coverage"
_FURTHER: Mapping[str, Sequence[Mapping[str, str]]] = {"livechat": [{"version": "3.6"}]}
"""Settings under which an account of a vendor measures more."""
_NAMED = 4
_WAYS: Mapping[Way, str] = {
    Way.VALUES: "values",
    Way.EXCLUDE_VALUES: "excludeValues",
    Way.EXISTS: "exists",
}

_COVERAGE = """# What the platforms offer, and where it is

Every request that the documents of a vendor describe, and where a caller reaches it. Each row has
an example that makes that very request; tests run them all against the simulators and look for the
request in what these were asked.

- *Operation*: method and path as the document writes them. `{name}` stands for one part of a path.
  Where several rows share a path, the words behind it tell which request is meant.
- *Where*: the field of the [schema](../schema/schema.graphql), or the address of a file. A `*`
  stands for the names in [native figures](native-figures.md). `Query.node` asks for an entry of a
  short list, such as a team, by its id where it is the only one of its kind and the list is not
  kept, or does not show it; several are read from the list, and so is an agent.
- *Example*: a file and the operation in it. Where an example needs variables, they lie beside it,
  by operation; `{"answerOf": "X", "at": "a.nodes.0.id"}` stands for what the operation `X` of the
  file answers there.
- *Path*: whether the vendor's documents show it, or it is inferred from those that they show.
- *Struck out*: the vendor's documents call it deprecated, or have replaced it. It is offered as
  long as it is served.

An example is run with

```sh
switchboard query examples/coverage/FILE.graphql --operation NAME --variables '{"id": "..."}'
```

which asks the sandbox where no platform is configured. Changes are sent to a gateway, with a key
that may write. A file that ends with `.http` holds addresses of tables that a gateway hands on as
files: `curl 'http://localhost:8000/exports/...'`.

This page is written from the code by `python -m scripts.coverage_reference`.
"""
_FIGURES = """# Native figures

Every figure of the vendors under its own name. Behind the vendor's, it is what is asked for:
`indicators(native: ["iadvize.contact_number"])`.

- *Merge*: how values of several buckets, groups or platforms become one. `sum` adds, `mean` weighs,
  `ratio` divides sums, `union` adds over time only, `snapshot` and `distinct` are never added.
- *By*: what it can be grouped by. A dimension in *italics* takes a call for each member.
- *Buckets*: what the vendor itself cuts; larger and other ones are built of these, or asked one by
  one with their exact bounds.
- *Path*: whether the vendor's documents show the request that it comes from, or it is inferred.
- *Struck out*: the vendor's documents call it deprecated, or have replaced it.

The figures are those of the simulators' accounts. Another account may have more or fewer, as its
settings say; `platforms { nativeFigures { name } }` tells.

This page is written from the code by `python -m scripts.coverage_reference`.
"""


def main() -> None:
    """Write the pages."""
    for page, written in PAGES.items():
        page.write_text(written(), encoding="utf-8")


def _coverage() -> str:
    parts = [_COVERAGE]
    for spec in specs().values():
        parts += [f"## {spec.title}\n", *_operations(spec.operations)]
    return "\n".join(parts)


def _operations(operations: Iterable[Operation]) -> Iterator[str]:
    """Yield the table of a vendor's operations, and their number."""
    rows = [_operation(one) for one in operations]
    yield f"{len(rows)} operations.\n"
    head = ("Section", "Title", "Operation", "Where", "Example", "Path")
    yield _table(head, rows)


def _operation(one: Operation) -> tuple[str, ...]:
    request = f"`{one.method} {one.path}`"
    told = ", ".join(f"`{name}: {value}`" for name, value in one.says.items())
    example = "not reached yet"
    if one.example is not None:
        file, name = one.example.file, one.example.operation
        example = f"[{file}]({_EXAMPLES}/{file}), `{name}`"
    return (
        one.section,
        _struck(one.title, gone=one.deprecated),
        f"{request} with {told}" if told else request,
        ", ".join(_field(where) for where in one.reached) or "–",
        example,
        "documented" if one.documented else "inferred",
    )


def _field(where: str) -> str:
    """Return a field or an address as code; words stay words."""
    return f"`{where}`" if where[0].isupper() else where


def _native_figures() -> str:
    parts = [_FIGURES]
    for name, spec in specs().items():
        measured = asyncio.run(_measured(spec, {}))
        parts += [f"## {spec.title}\n", *_figures(measured, measured.figures)]
        parts += _parameters(measured)
        for further in _FURTHER.get(name, ()):
            more = asyncio.run(_measured(spec, further))
            fresh = [one for one in more.figures if one not in measured.figures]
            said = ", ".join(f'{name} = "{value}"' for name, value in further.items())
            parts += [f"### {spec.title}, with `{said}`, besides\n", *_figures(more, fresh)]
    return "\n".join(parts)


async def _measured(spec: VendorSpec[Any], further: Mapping[str, str]) -> Measurables:
    """Return what the account of the vendor's simulator measures; nothing is asked of it."""
    table = {**spec.simulator(World()).settings("http://127.0.0.1"), **further}
    settings = spec.settings(key=spec.name, vendor=spec.name, title=spec.title, **table)
    platform = spec.build(settings, Wiring())
    try:
        if platform.measures is None:
            return Measurables(sources={}, figures={}, indicators={})
        return platform.measures.measurables
    finally:
        await platform.close()


def _figures(measured: Measurables, names: Collection[str]) -> Iterator[str]:
    """Yield the number of these figures and their table."""
    head = ("Figure", "Title", "Unit", "Merge", "By", "Buckets", "Path")
    told = [measured.figures[name] for name in names]
    yield f"{len(told)} figures.\n"
    yield _table(head, [_figure(one, measured.sources[one.source]) for one in told])


def _figure(one: Figure, source: Source) -> tuple[str, ...]:
    by = [
        f"*{dimension.name}*" if source.groupings[dimension] is Grouping.EACH else dimension.name
        for dimension in Dimension
        if dimension in source.groupings and (one.dimensions is None or dimension in one.dimensions)
    ]
    grains = [grain.value for grain in source.grains if one.grains is None or grain in one.grains]
    return (
        f"`{one.name}`",
        _struck(one.title, gone=one.deprecated is not None),
        one.unit.value,
        one.merge.value,
        ", ".join(by) or "–",
        "now" if source.snapshot else ", ".join(grains) or "–",
        "documented" if one.documented and source.documented else "inferred",
    )


def _parameters(measured: Measurables) -> Iterator[str]:
    """Yield the table of what reports can be told, and which of them, if there is any."""
    head = ("Parameter", "Key", "Given by", "Values", "Means", "Reports and figures")
    rows = [
        _parameter(one, [two.name for two in measured.sources.values() if name in two.parameters])
        for name, one in measured.parameters.items()
    ]
    if rows:
        yield f"{len(rows)} parameters, which `indicators` and `report` take.\n"
        yield _table(head, rows)


def _parameter(one: Parameter, sources: Collection[str]) -> tuple[str, ...]:
    """Return a row; where many reports take a parameter, the first few are named."""
    named = ", ".join(f"`{name}`" for name in list(sources)[:_NAMED])
    more = f" and {len(sources) - _NAMED} more" if len(sources) > _NAMED else ""
    choices = ", ".join(f"`{choice}`" for choice in one.choices)
    return (
        f"`{one.name}`",
        one.keyed or "–",
        ", ".join(f"`{_WAYS[way]}`" for way in one.ways),
        choices or one.type.value,
        one.description,
        f"{named}{more}",
    )


def _struck(text: str, *, gone: bool) -> str:
    return f"~~{text}~~" if gone else text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), ""])


PAGES: Mapping[Path, Callable[[], str]] = {
    _DOCS / "coverage.md": _coverage,
    _DOCS / "native-figures.md": _native_figures,
}
"""The pages, and what writes each."""

if __name__ == "__main__":
    main()

"""Small charts as shapes and labels: what is not measured leaves a gap, zero stands on the line.

Their coordinates are those of an SVG of 300 by 96. Nothing is told by colour alone: the largest
and the smallest value and the first and the last day are written beside their marks, and days
that can still change are outlined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from gateway.pages.wording import day, quantity

__all__ = ["Bar", "Chart", "Dot", "Label", "Point", "chart_of"]

WIDTH, HEIGHT = 300, 96
_LEFT, _RIGHT = 4.0, 296.0
_TOP, _BASE = 20.0, 78.0
_GAP = 2.0
_LEAST = 1.0
"""A bar that is no higher than this is still seen."""
_FOOT = 92.0
_ABOVE, _BELOW = 5.0, 13.0
_EDGE = 26.0
"""Nearer to an edge, a label is written away from it."""


@dataclass(frozen=True, slots=True)
class Point:
    """One day: its value, None where it was not measured, and whether that stays so."""

    day: date
    value: float | None
    final: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A value as a bar."""

    x: float
    y: float
    width: float
    height: float
    final: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A value as a dot."""

    x: float
    y: float
    final: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A text, and where it stands."""

    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw."""

    summary: str
    """The chart in words, for those who do not see it."""
    bars: tuple[Bar, ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    ground: tuple[tuple[float, float], ...]
    """Where the base line is drawn: below the days that were measured."""
    ground_y: float
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    step: float
    low: float
    high: float

    def x(self, number: int) -> float:
        return round(_LEFT + self.step * (number + 0.5), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return round(_BASE - share * (_BASE - _TOP), 1)


_Measured = list[tuple[int, float, bool]]


def chart_of(points: Sequence[Point], unit: str, *, bars: bool) -> Chart | None:
    """Return how to draw the days; None where not one was measured."""
    measured = [(n, one.value, one.final) for n, one in enumerate(points) if one.value is not None]
    if not measured:
        return None
    values = [value for _, value, _ in measured]
    step = (_RIGHT - _LEFT) / len(points)
    scale = _Scale(step, min(0.0, *values), max(0.0, *values))
    return Chart(
        summary=_summary(points, measured, unit),
        bars=tuple(_bars(scale, measured)) if bars else (),
        lines=() if bars else tuple(_lines(scale, measured)),
        dots=() if bars else tuple(Dot(scale.x(n), scale.y(v), f) for n, v, f in measured),
        ground=tuple(_ground(scale, measured)),
        ground_y=scale.y(0.0),
        labels=(*_extremes(scale, measured, unit, bars=bars), *_ends(points)),
    )


def _bars(scale: _Scale, measured: _Measured) -> list[Bar]:
    width = round(scale.step - _GAP, 1)
    zero = scale.y(0.0)
    found = []
    for number, value, final in measured:
        height = max(abs(zero - scale.y(value)), _LEAST if value else 0.0)
        top = zero - height if value >= 0 else zero
        left = round(scale.x(number) - width / 2, 1)
        found.append(Bar(left, round(top, 1), width, round(height, 1), final))
    return found


def _runs(measured: _Measured) -> list[_Measured]:
    """Return the stretches of days between gaps."""
    # Without a gap, the number of the day grows as the number of the value does.
    runs = groupby(enumerate(measured), key=lambda each: each[1][0] - each[0])
    return [[one for _, one in run] for _, run in runs]


def _lines(scale: _Scale, measured: _Measured) -> list[str]:
    return [
        " ".join(f"{scale.x(number)},{scale.y(value)}" for number, value, _ in run)
        for run in _runs(measured)
        if len(run) > 1
    ]


def _ground(scale: _Scale, measured: _Measured) -> list[tuple[float, float]]:
    half = scale.step / 2
    return [
        (round(scale.x(run[0][0]) - half, 1), round(scale.x(run[-1][0]) + half, 1))
        for run in _runs(measured)
    ]


def _extremes(scale: _Scale, measured: _Measured, unit: str, *, bars: bool) -> list[Label]:
    """Return the label of the largest value and, where it stands free, of the smallest."""
    high = max(measured, key=lambda each: each[1])
    low = min(measured, key=lambda each: each[1])
    above = _label(scale, high, unit, -_ABOVE)
    below = _label(scale, low, unit, _BELOW)
    near = abs(high[0] - low[0]) * scale.step < _EDGE
    return [above] if bars or near or below.y > _BASE else [above, below]


def _label(scale: _Scale, one: tuple[int, float, bool], unit: str, away: float) -> Label:
    x = scale.x(one[0])
    return Label(x, round(scale.y(one[1]) + away, 1), quantity(one[1], unit), _anchor(x))


def _anchor(x: float) -> str:
    if x < _EDGE:
        return "start"
    return "end" if x > WIDTH - _EDGE else "middle"


def _ends(points: Sequence[Point]) -> list[Label]:
    return [
        Label(_LEFT, _FOOT, day(points[0].day), "start"),
        Label(_RIGHT, _FOOT, day(points[-1].day), "end"),
    ]


def _summary(points: Sequence[Point], measured: _Measured, unit: str) -> str:
    low = min(measured, key=lambda each: each[1])
    high = max(measured, key=lambda each: each[1])
    missing = len(points) - len(measured)
    told = (
        f"{day(points[0].day)} to {day(points[-1].day)}: "
        f"from {quantity(low[1], unit)} on {day(points[low[0]].day)} "
        f"to {quantity(high[1], unit)} on {day(points[high[0]].day)}"
    )
    return f"{told}; {missing} of {len(points)} days not measured." if missing else f"{told}."

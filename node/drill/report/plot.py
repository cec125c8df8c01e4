"""The plots of a report: timelines in SVG, one below the other, on one scale of time.

Colours are CSS classes that the page defines for light and for dark. Each mark carries a `title`,
which browsers show when it is pointed at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final
from xml.sax.saxutils import escape

from node.drill.record import Event
from node.drill.report.series import Series
from node.drill.samples import Second

__all__ = ["changes_plot", "lag_plot", "requests_plot", "requests_scale"]

_WIDTH: Final = 960
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 22, 22
_REQUESTS_HEIGHT, _LAG_HEIGHT = 96, 120
_INNER: Final = _WIDTH - _LEFT - _RIGHT
_LEAST_TICK_PIXELS: Final = 60
_TICKS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_BAR_GAP: Final = 1.0
_MARK_RADIUS: Final = 8


def requests_plot(
    region: str, seconds: Sequence[Second], most: int, events: Sequence[Event]
) -> str:
    """Answered, throttled and failed requests of one region, as bars by the second; `most` ends the
    scale."""
    frame = _Frame(len(seconds), most, _REQUESTS_HEIGHT)
    marks: list[str] = []
    for index, second in enumerate(seconds):
        words = f"second {index}: {second.answered} answered"
        words += "".join(f", {count} {error}" for error, count in sorted(second.errors.items()))
        marks.append(frame.bar(index, 0, second.answered, "answered", words))
        below = second.answered
        marks.append(frame.bar(index, below, second.throttled, "throttled", words))
        below += second.throttled
        marks.append(frame.bar(index, below, second.failed, "failed", words))
    return frame.svg(f"Requests per second in {region}", marks, events)


def changes_plot(series: Series, events: Sequence[Event]) -> str:
    """Acknowledged changes of the managed key by the second, one colour for each region."""
    totals = [sum(each) for each in zip(*series.changes.values(), strict=True)]
    frame = _Frame(series.seconds, _nice(max(totals, default=1)), _REQUESTS_HEIGHT)
    marks: list[str] = []
    below = [0] * series.seconds
    for place, (region, counts) in enumerate(series.changes.items()):
        for index, count in enumerate(counts):
            words = f"second {index}: {count} changes acknowledged by {region}"
            marks.append(frame.bar(index, below[index], count, _colour(place), words))
            below[index] += count
    return frame.svg("Changes of a key per second, by the region that leads it", marks, events)


def lag_plot(series: Series, events: Sequence[Event]) -> str:
    """How many log entries each region lacked, as lines; a gap where it did not answer."""
    most = _nice(max((lag for points in series.lag.values() for _, lag in points), default=1))
    frame = _Frame(series.seconds, most, _LAG_HEIGHT)
    marks = [
        frame.line(points, _colour(place), f"{region}: entries of the others' logs that it lacks")
        for place, (region, points) in enumerate(series.lag.items())
    ]
    return frame.svg("Log entries of the other regions that are not applied yet", marks, events)


class _Frame:
    """Axes, and how values become places."""

    def __init__(self, seconds: int, most: int, height: int) -> None:
        self._seconds = seconds
        self._most = max(1, most)
        self._height = height

    def svg(self, label: str, marks: Sequence[str], events: Sequence[Event]) -> str:
        total = _TOP + self._height + _BOTTOM
        return "\n".join(
            [
                f'<svg viewBox="0 0 {_WIDTH} {total}" role="img" aria-label="{escape(label)}">',
                *self._grid(),
                *(mark for mark in marks if mark),
                *self._events(events),
                "</svg>",
            ]
        )

    def bar(self, index: int, below: int, count: int, style: str, words: str) -> str:
        if not count:
            return ""
        left, right = self._x(index), self._x(index + 1)
        top, bottom = self._y(below + count), self._y(below)
        width = max(0.5, right - left - _BAR_GAP)
        return (
            f'<rect class="{style}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
            f'height="{bottom - top:.1f}"><title>{escape(words)}</title></rect>'
        )

    def line(self, points: Sequence[tuple[float, int]], style: str, words: str) -> str:
        paths = " ".join(
            " ".join(
                f"{'L' if index else 'M'}{self._x(at):.1f},{self._y(lag):.1f}"
                for index, (at, lag) in enumerate(part)
            )
            for part in _unbroken([each for each in points if each[0] <= self._seconds])
        )
        return f'<path class="line {style}" d="{paths}"><title>{escape(words)}</title></path>'

    def _grid(self) -> Iterator[str]:
        for value in (0, self._most / 2, self._most):
            y = self._y(value)
            yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
            if value == int(value):
                yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{int(value):,}</text>'
        step = _tick(self._seconds)
        for second in range(0, self._seconds + 1, step):
            base = _TOP + self._height + 16
            x = self._x(second)
            yield f'<text x="{x:.1f}" y="{base}" text-anchor="middle">{second} s</text>'

    def _events(self, events: Sequence[Event]) -> Iterator[str]:
        """A line for each step, with its number above where it would cover no other."""
        last = -math.inf
        for number, event in enumerate(events, start=1):
            x = self._x(min(event.at, self._seconds))
            words = escape(f"{number}. {event.at:.1f} s, {event.kind.value}: {event.command}")
            yield (
                f'<g class="event {event.kind.value}"><title>{words}</title>'
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_TOP + self._height}"/>'
            )
            if x - last > 2 * _MARK_RADIUS:
                last = x
                yield f'<circle cx="{x:.1f}" cy="{_TOP - 10}" r="{_MARK_RADIUS}"/>'
                yield f'<text x="{x:.1f}" y="{_TOP - 6}" text-anchor="middle">{number}</text>'
            yield "</g>"

    def _x(self, at: float) -> float:
        return _LEFT + _INNER * at / self._seconds

    def _y(self, value: float) -> float:
        return _TOP + self._height * (1 - min(value, self._most) / self._most)


def requests_scale(series: Series) -> int:
    """The end of the scale that all regions' requests share, so that they can be compared."""
    return _nice(max(each.total for calls in series.calls.values() for each in calls))


def _unbroken(points: Sequence[tuple[float, int]]) -> Iterator[list[tuple[float, int]]]:
    """Parts without a gap of more than three looks."""
    part: list[tuple[float, int]] = []
    for point in points:
        if part and point[0] - part[-1][0] > _gap(points):
            yield part
            part = []
        part.append(point)
    if part:
        yield part


def _gap(points: Sequence[tuple[float, int]]) -> float:
    pauses = sorted(after[0] - before[0] for before, after in pairwise(points))
    return 3 * pauses[len(pauses) // 2] if pauses else math.inf


def _nice(value: float) -> int:
    """A round number that is not less."""
    if value <= 2:
        return 2
    magnitude = 10 ** math.floor(math.log10(value))
    return int(
        next(step * magnitude for step in (1, 2, 3, 4, 6, 8, 10) if step * magnitude >= value)
    )


def _tick(seconds: int) -> int:
    return next(
        (step for step in _TICKS if _INNER * step / seconds >= _LEAST_TICK_PIXELS), _TICKS[-1]
    )


def _colour(place: int) -> str:
    return f"region{place % 3}"

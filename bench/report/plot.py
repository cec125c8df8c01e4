"""The picture of a report: requests per second and core as bars, in SVG 1.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import escape

from bench.plan import Subject
from bench.report.words import SUBJECTS, operation
from bench.summary import Summary

_WIDTH, _LABEL, _BAR, _GAP, _TOP, _NUMBER = 900, 370, 22, 8, 44, 90  # pixels
_COLOURS: Final[Mapping[Subject, str]] = MappingProxyType(
    {
        Subject.KEYSPAN: "#2563eb",
        Subject.BARE: "#9ca3af",
        Subject.MINIMUM: "#d97706",
        Subject.RAW: "#b45309",
        Subject.MOTO: "#be185d",
        Subject.ALONE: "#93c5fd",
    }
)


def as_svg(summaries: Sequence[Summary]) -> str:
    """One bar for each cell that was measured over HTTP, with a line from least to most."""
    shown = [each for each in summaries if each.cell.subject is not Subject.ALONE]
    height = _TOP + len(shown) * (_BAR + _GAP) + _GAP
    scale = (_WIDTH - _LABEL - _NUMBER) / max((each.rate.most for each in shown), default=1.0)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
            'font-family="sans-serif" font-size="13">',
            f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
            _text(_GAP, _TOP - 20, "Requests per second and core; median, line from least to most"),
            *(line for place, each in enumerate(shown) for line in _bar(place, each, scale)),
            "</svg>\n",
        ]
    )


def _bar(place: int, summary: Summary, scale: float) -> Iterator[str]:
    top = _TOP + place * (_BAR + _GAP)
    middle, base = top + _BAR / 2, top + _BAR * 0.72
    width, least, most = (
        scale * value for value in (summary.rate.median, summary.rate.least, summary.rate.most)
    )
    yield _text(_GAP, base, _label(summary))
    yield (
        f'<rect x="{_LABEL}" y="{top}" width="{width:.1f}" height="{_BAR}" '
        f'fill="{_COLOURS[summary.cell.subject]}"/>'
    )
    yield (
        f'<line x1="{_LABEL + least:.1f}" x2="{_LABEL + most:.1f}" y1="{middle}" y2="{middle}" '
        'stroke="black"/>'
    )
    yield _text(_LABEL + most + _GAP, base, f"{summary.rate.median:,.0f}")


def _label(summary: Summary) -> str:
    cell = summary.cell
    plural = "connection" if cell.connections == 1 else "connections"
    return f"{SUBJECTS[cell.subject]}: {operation(summary)}, {cell.connections} {plural}"


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'

"""How numbers and subjects are written in reports: the table's columns, and what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from bench.plan import Subject
from bench.sections.section import Quantity
from bench.summary import Ratio, Spread, Summary

SUBJECTS: Final[Mapping[Subject, str]] = MappingProxyType(
    {
        Subject.KEYSPAN: "Keyspan",
        Subject.ALONE: "Keyspan, no HTTP",
        Subject.BARE: "(a) bare aiohttp",
        Subject.MINIMUM: "(e) on aiohttp",
        Subject.RAW: "(f) raw protocol",
        Subject.MOTO: "moto's server",
    }
)


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column of a table. A terminal, which is narrow, gets only those that are `brief`."""

    heading: str
    text: Callable[[Row], str]
    number: bool = True
    brief: bool = True


def operation(summary: Summary) -> str:
    """What was asked for."""
    return "a fixed body" if summary.cell.subject is Subject.BARE else summary.cell.operation


def _connections(summary: Summary) -> str:
    return "" if summary.cell.subject is Subject.ALONE else str(summary.cell.connections)


def _rates(summary: Summary) -> str:
    return f"{summary.rate.least:,.0f} to {summary.rate.most:,.0f}"


def _milliseconds(microseconds: Spread) -> str:
    return f"{microseconds.median / 1000:.2f}"


def _ratio(reference: Subject, kind: Callable[[Ratio], Spread]) -> Callable[[Summary], str]:
    return lambda summary: "".join(
        f"{each.median:.2f}" for each in _found(summary, reference, kind)
    )


def _ratios(reference: Subject, kind: Callable[[Ratio], Spread]) -> Callable[[Summary], str]:
    return lambda summary: "".join(
        f"{each.least:.2f} to {each.most:.2f}" for each in _found(summary, reference, kind)
    )


def _found(
    summary: Summary, reference: Subject, kind: Callable[[Ratio], Spread]
) -> Iterator[Spread]:
    """The ratio to that reference, if there is one."""
    return (kind(each) for each in summary.ratios if each.reference is reference)


COLUMNS: Final[tuple[Column[Summary], ...]] = (
    Column("server", lambda each: SUBJECTS[each.cell.subject], number=False),
    Column("operation", operation, number=False),
    Column("conn.", _connections),
    Column("req/s", lambda each: f"{each.rate.median:,.0f}"),
    Column("slowest to fastest", _rates, brief=False),
    Column("CPU µs", lambda each: f"{each.cpu_microseconds.median:.0f}"),
    Column("p50 ms", lambda each: _milliseconds(each.p50)),
    Column("p99 ms", lambda each: _milliseconds(each.p99)),
    Column("p99.9 ms", lambda each: _milliseconds(each.p999), brief=False),
    Column("rate ÷ (e)", _ratio(Subject.MINIMUM, lambda each: each.rate), brief=False),
    Column("CPU (e) ÷ own", _ratio(Subject.MINIMUM, lambda each: each.cpu), brief=False),
    Column("rate ÷ (f)", _ratio(Subject.RAW, lambda each: each.rate)),
    Column("CPU (f) ÷ own", _ratio(Subject.RAW, lambda each: each.cpu)),
    Column("rate ÷ moto", _ratio(Subject.MOTO, lambda each: each.rate), brief=False),
    Column("least to most", _ratios(Subject.RAW, lambda each: each.cpu), brief=False),
)


def number(value: float) -> str:
    """Three digits that say something: 0.58, 12.3, 1,234."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.{1 if size >= 10 else 2 if size >= 0.1 else 4}f}"


def _with_unit(quantity: Quantity) -> str:
    return f"{quantity.name}, {quantity.unit}" if quantity.unit else quantity.name


def _least_to_most(quantity: Quantity) -> str:
    found = quantity.spread
    several = len(quantity.values) > 1
    return f"{number(found.least)} to {number(found.most)}" if several else ""


def _target(quantity: Quantity) -> str:
    target = quantity.target
    if target is None:
        return ""
    return f"at {'least' if target.at_least else 'most'} {number(target.limit)}"


_VERDICTS: Final = MappingProxyType({None: "", True: "met", False: "missed"})

QUANTITY_COLUMNS: Final[tuple[Column[Quantity], ...]] = (
    Column("quantity", _with_unit, number=False),
    Column("median", lambda each: number(each.spread.median)),
    Column("least to most", _least_to_most),
    Column("target", _target, number=False),
    Column("", lambda each: _VERDICTS[each.met], number=False),
)

"""A drill by the second: what the plots show, and the JSON has."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.drill.monitor import lags
from node.drill.record import Record
from node.drill.samples import Second, per_second

__all__ = ["Series", "series_of"]


@dataclass(frozen=True, slots=True)
class Series:
    """Per region: calls by the second, entries that it lacked over time, and the changes of the
    managed key that it acknowledged by the second."""

    seconds: int
    calls: Mapping[str, Sequence[Second]]
    lag: Mapping[str, Sequence[tuple[float, int]]]
    changes: Mapping[str, Sequence[int]]


def series_of(record: Record) -> Series:
    """The series of a drill, over the whole seconds of its load: a broken one would look like a
    loss."""
    seconds = max(1, math.floor(record.seconds))
    counts = Counter((change.region, math.floor(change.at)) for change in record.changes)
    return Series(
        seconds=seconds,
        calls={
            region: per_second((each for each in record.samples if each.region == region), seconds)
            for region in record.regions
        },
        lag=lags(record.looks, record.regions),
        changes={
            region: [counts[region, second] for second in range(seconds)]
            for region in record.regions
        },
    )

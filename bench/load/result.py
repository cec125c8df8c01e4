"""What a load generator says, in one line of JSON at the end of its output.

`replay.lua` writes the same members from wrk's own statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from bench.errors import BenchError


class LoadResult(msgspec.Struct, frozen=True):
    """One run of a load generator. Latencies are in microseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    p999: float
    refused: int  # answers that were not a success
    broken: int  # connections that failed, and answers that did not come in time

    @property
    def failures(self) -> int:
        """Requests that did not succeed, for whatever reason."""
        return self.refused + self.broken


Result = TypeVar("Result", bound=LoadResult)


def result_of(
    latencies: Iterable[float], seconds: float, refused: int, broken: int = 0
) -> LoadResult:
    """The result of a generator that kept every latency, in seconds."""
    ordered = sorted(1e6 * latency for latency in latencies)
    return LoadResult(
        requests=len(ordered),
        seconds=seconds,
        p50=percentile(ordered, 0.5),
        p99=percentile(ordered, 0.99),
        p999=percentile(ordered, 0.999),
        refused=refused,
        broken=broken,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that `share` of them, and no more, are smaller than; 0 if there are none."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def written(result: LoadResult) -> str:
    """The line that `read_result` reads."""
    return msgspec.json.encode(result).decode() + "\n"


def read_result(output: str, kind: type[Result]) -> Result:
    """The result in a program's output. Raises BenchError where there is none."""
    last = (output.strip().splitlines() or [""])[-1]
    try:
        return msgspec.json.decode(last, type=kind)
    except msgspec.MsgspecError:
        raise BenchError(f"The load generator gave no result, but: {last!r}") from None

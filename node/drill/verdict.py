"""What a drill measured, and whether that is good enough: pure.

Recovery time (RTO) runs from the moment when the first fault was complete: for writes, to the first
encryption or data key that was asked for after it and answered, anywhere; for key management, to
the first change of the managed key. Recovery point (RPO) is what the region that took over lacked
of what the lost one had acknowledged: in changes, and in seconds from the last change that it had
to the fault. Changes are *superseded* that a region acknowledged after another one had taken over,
not knowing it yet: the higher epoch wins. docs/drills.md tells the same to readers of reports.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from node.drill.manager import Change, number_of
from node.drill.monitor import converged_at
from node.drill.record import Event, Record
from node.drill.samples import THROTTLED, WRITES, Summary, summarised
from node.drill.scenario import Kind

__all__ = ["Criterion", "Measures", "Verdict", "judge", "measured"]

_NODE_FAULTS: Final = ("kill", "stop", "pause")


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of a drill; None where a thing did not come about (or there was no fault)."""

    fault_at: float | None
    healed_at: float | None
    write_rto_seconds: float | None
    management_rto_seconds: float | None
    rpo_changes: int
    rpo_seconds: float
    superseded_changes: int
    convergence_seconds: float | None
    failed_requests_elsewhere: int
    throttled_requests: int
    given_up_requests: int
    total: Summary
    regions: dict[str, Summary]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that was expected, in words, with what was found."""

    name: str
    expected: str
    found: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of it."""

    criteria: tuple[Criterion, ...]

    @property
    def passed(self) -> bool:
        return all(criterion.passed for criterion in self.criteria)


def measured(record: Record) -> Measures:
    """The figures of a drill."""
    faults = [event for event in record.events if event.kind is Kind.FAULT]
    heals = [event for event in record.events if event.kind is Kind.HEAL]
    fault_at = min((event.ended for event in faults), default=None)
    healed_at = max((event.ended for event in heals), default=None)
    touched = _touched(faults)
    elsewhere = [sample for sample in record.samples if sample.region not in touched]
    lost = _lost_changes(record)
    return Measures(
        fault_at=fault_at,
        healed_at=healed_at,
        write_rto_seconds=_first_after(fault_at, _writes(record)),
        management_rto_seconds=_first_after(
            fault_at, ((change.at, change.ended) for change in record.changes)
        ),
        rpo_changes=len(lost),
        rpo_seconds=_rpo_seconds(record, lost, fault_at),
        superseded_changes=len(_superseded_changes(record)),
        convergence_seconds=_convergence(record, healed_at),
        failed_requests_elsewhere=sum(sample.given_up for sample in elsewhere),
        throttled_requests=sum(sample.error == THROTTLED for sample in record.samples),
        given_up_requests=sum(sample.given_up for sample in record.samples),
        total=summarised(record.samples),
        regions={
            region: summarised(each for each in record.samples if each.region == region)
            for region in record.regions
        },
    )


def judge(record: Record, measures: Measures) -> Verdict:
    """Hold the figures against what the scenario expects, and against what is always expected."""
    return Verdict((*_always(record, measures), *_expected(record, measures)))


def _always(record: Record, measures: Measures) -> Iterator[Criterion]:
    if record.failure is not None:
        yield Criterion("every step", "done", record.failure, False)
    wrong = measures.total.wrong + (record.check.wrong if record.check else 0)
    yield Criterion("wrong plaintexts", "0", f"{wrong:,}", wrong == 0)
    if record.check is None:
        yield Criterion("ciphertexts that do not open", "0", "not checked", False)
    else:
        unreadable = record.check.unreadable.total()
        found = f"{unreadable:,} of {record.check.ciphertexts:,} in {len(record.regions)} regions"
        yield Criterion("ciphertexts that do not open", "0", found, unreadable == 0)
    words = "yes" if record.agreed else "no"
    yield Criterion("regions agree in the end", "yes", words, record.agreed)


def _expected(record: Record, measures: Measures) -> Iterator[Criterion]:
    expect = record.scenario.expect
    seconds = (
        ("recovery time of writes", expect.write_rto_seconds, measures.write_rto_seconds),
        (
            "recovery time of key management",
            expect.management_rto_seconds,
            measures.management_rto_seconds,
        ),
        ("recovery point in time", expect.rpo_seconds, measures.rpo_seconds),
        ("time to converge", expect.convergence_seconds, measures.convergence_seconds),
    )
    counts = (
        ("recovery point in changes", expect.rpo_changes, measures.rpo_changes),
        (
            "changes by a region that led no longer",
            expect.superseded_changes,
            measures.superseded_changes,
        ),
        (
            "failed requests in regions without a fault",
            expect.failed_requests_elsewhere,
            measures.failed_requests_elsewhere,
        ),
        ("requests that were given up", expect.given_up_requests, measures.given_up_requests),
    )
    least = expect.throttled_requests_least
    if least is not None:
        count = measures.throttled_requests
        words = f"at least {least:g}"
        yield Criterion("requests that were throttled", words, f"{count:,}", count >= least)
    for name, limit, found in seconds:
        if limit is not None:
            words = "not reached" if found is None else f"{found:.2f} s"
            passed = found is not None and found <= limit
            yield Criterion(name, f"at most {limit:g} s", words, passed)
    for name, limit, count in counts:
        if limit is not None:
            yield Criterion(name, f"at most {limit:g}", f"{count:,}", count <= limit)


def _touched(faults: Sequence[Event]) -> set[str]:
    """The regions whose node a fault stops: their clients cannot be answered."""
    found: set[str] = set()
    for event in faults:
        words = event.command.split()
        if words[0] == "region" and words[1] in _NODE_FAULTS and "--stream" not in words:
            found.add(words[2])
    return found


def _writes(record: Record) -> Iterator[tuple[float, float]]:
    for sample in record.samples:
        if sample.operation in WRITES and sample.answered:
            yield sample.at, sample.ended


def _first_after(moment: float | None, calls: Iterable[tuple[float, float]]) -> float | None:
    """How long after the moment the first call was answered that had begun after it."""
    if moment is None:
        return None
    ends = [ended for at, ended in calls if at >= moment]
    return min(ends) - moment if ends else None


def _lost_changes(record: Record) -> list[Change]:
    """What was acknowledged, and was not there when another region took over; or in the end."""
    takeover = record.takeover
    if takeover is None:
        survived = _latest(record.changes, record.final_days)
        return [change for change in record.changes if change.number > survived]
    before = [change for change in _of_others(record) if change.ended <= takeover.at]
    survived = _latest(before, takeover.days)
    return [change for change in before if change.number > survived]


def _superseded_changes(record: Record) -> list[Change]:
    """What others acknowledged while the heir led, not knowing it yet: their epoch is over."""
    takeover = record.takeover
    if takeover is None:
        return []
    handed_over = (each.at for each in record.events if each.names("handover", takeover.heir))
    until = min(handed_over, default=math.inf)
    return [change for change in _of_others(record) if takeover.at < change.ended < until]


def _of_others(record: Record) -> list[Change]:
    heir = record.takeover.heir if record.takeover else ""
    return [change for change in record.changes if change.region != heir]


def _latest(changes: Sequence[Change], days: int | None) -> int:
    """The number of the change that sets this period; -1 for none."""
    if days is None or not changes:
        return -1
    return number_of(days, max(change.number for change in changes))


def _rpo_seconds(record: Record, lost: Sequence[Change], fault_at: float | None) -> float:
    if not lost:
        return 0.0
    first = min(change.number for change in lost)
    kept = [change.ended for change in record.changes if change.number < first]
    fault = fault_at if fault_at is not None else lost[-1].ended
    return max(0.0, fault - (max(kept) if kept else 0.0))


def _convergence(record: Record, healed_at: float | None) -> float | None:
    since = healed_at if healed_at is not None else 0.0
    moment = converged_at(record.looks, since, record.regions)
    return None if moment is None or not record.agreed else moment - since

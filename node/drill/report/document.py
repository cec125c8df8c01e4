"""report.json: the figures, the verdict, and every series by the second.

`version` counts up when a member changes its meaning or goes; new members may come.
"""

from __future__ import annotations

import time
from typing import Any, Final

import msgspec

from node.drill.record import Event, Record
from node.drill.report.series import Series, series_of
from node.drill.samples import Second, Summary
from node.drill.verdict import Criterion, Measures, Verdict

__all__ = ["as_json"]

_VERSION: Final = 1


def as_json(record: Record, measures: Measures, verdict: Verdict) -> str:
    """The text of report.json."""
    document = {
        "version": _VERSION,
        "scenario": record.scenario.name,
        "title": record.scenario.title,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.started)),
        "seconds": _rounded(record.seconds),
        "regions": list(record.regions),
        "verdict": "passed" if verdict.passed else "failed",
        "failure": record.failure,
        "criteria": [_criterion(each) for each in verdict.criteria],
        "measures": _measures(measures),
        "check": _check(record),
        "events": [_event(each) for each in record.events],
        "series": _series(series_of(record)),
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


def _criterion(criterion: Criterion) -> dict[str, Any]:
    return {
        "name": criterion.name,
        "expected": criterion.expected,
        "found": criterion.found,
        "passed": criterion.passed,
    }


def _measures(measures: Measures) -> dict[str, Any]:
    return {
        "fault_at": _rounded(measures.fault_at),
        "healed_at": _rounded(measures.healed_at),
        "write_rto_seconds": _rounded(measures.write_rto_seconds),
        "management_rto_seconds": _rounded(measures.management_rto_seconds),
        "rpo_changes": measures.rpo_changes,
        "rpo_seconds": _rounded(measures.rpo_seconds),
        "superseded_changes": measures.superseded_changes,
        "convergence_seconds": _rounded(measures.convergence_seconds),
        "failed_requests_elsewhere": measures.failed_requests_elsewhere,
        "throttled_requests": measures.throttled_requests,
        "given_up_requests": measures.given_up_requests,
        "requests": _summary(measures.total),
        "requests_by_region": {name: _summary(each) for name, each in measures.regions.items()},
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "tried": summary.tried,
        "answered": summary.answered,
        "refused": summary.refused,
        "wrong": summary.wrong,
        "errors": dict(summary.errors),
        "longest_refusal_seconds": _rounded(summary.longest_refusal),
    }


def _check(record: Record) -> dict[str, Any] | None:
    if record.check is None:
        return None
    unreadable = [
        {"region": region, "error": error, "count": count}
        for (region, error), count in sorted(record.check.unreadable.items())
    ]
    return {
        "ciphertexts": record.check.ciphertexts,
        "opened": record.check.opened,
        "wrong": record.check.wrong,
        "unreadable": unreadable,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": _rounded(event.at),
        "ended": _rounded(event.ended),
        "kind": event.kind.value,
        "command": event.command,
        "why": event.why,
        "said": list(event.said),
    }


def _series(series: Series) -> dict[str, Any]:
    return {
        region: {
            "answered": [each.answered for each in series.calls[region]],
            "errors": [_errors(each) for each in series.calls[region]],
            "changes": list(series.changes[region]),
            "lag": [[_rounded(at), entries] for at, entries in series.lag[region]],
        }
        for region in series.calls
    }


def _errors(second: Second) -> dict[str, int]:
    return dict(second.errors)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)

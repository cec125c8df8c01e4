"""A drill as it might have been, for tests of what is made of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from node.cli.drill.steps import check_step
from node.drill.check import Check
from node.drill.manager import Change, days_of
from node.drill.monitor import Look
from node.drill.record import Event, Record, Takeover
from node.drill.samples import Sample
from node.drill.scenario import Kind
from node.drill.scenario_file import parse_scenario

A, B = "us-east-1", "eu-west-1"
SCENARIO = """
title = "A <test> & more"
about = "What happens"
seconds = 20
[[step]]
at = 3
fault = "region kill {first}"
[[step]]
at = 5
act = "failover --from {first} --to {second} --all"
[[step]]
at = 8
heal = "region start {first}"
[expect]
write_rto_seconds = 1
management_rto_seconds = 5
rpo_changes = 1
rpo_seconds = 1
superseded_changes = 0
convergence_seconds = 5
failed_requests_elsewhere = 0
"""
EVENTS = (
    Event(3.0, 3.1, Kind.FAULT, f"region kill {A}", "It <burns>.", ("killed",)),
    Event(5.0, 5.2, Kind.ACT, f"failover --from {A} --to {B} --all", "", ("leads",)),
    Event(8.0, 9.0, Kind.HEAL, f"region start {A}", "", ()),
)


def change(number: int, ended: float, region: str = A) -> Change:
    return Change(ended - 0.05, ended, region, number)


CHANGES = (
    change(0, 1.0),
    change(3, 2.0),
    change(5, 3.0),
    change(40, 5.3, B),
    change(99, 15.0, B),
)


def samples() -> list[Sample]:
    """Ten calls a second in each region for twenty seconds; A fails from 3 to 9."""
    return [
        Sample(
            number / 10,
            region,
            ("Encrypt", "Decrypt")[number % 2],
            0.01,
            "unreachable" if region == A and 3.0 <= number / 10 < 9.0 else "",
        )
        for region in (A, B)
        for number in range(200)
    ]


LOOKS = tuple(
    Look(at / 2, {B: at}, {(B, A): 5})
    if 6 <= at < 18
    else Look(at / 2, {A: 5, B: at}, {(A, B): at - 5 if at < 20 else at, (B, A): 5})
    for at in range(40)
)


def record(**changed: Any) -> Record:
    """A region was lost and came back, and all was well; but for what is changed."""
    values: dict[str, Any] = {
        "scenario": parse_scenario("test", "test.toml", SCENARIO, check_step),
        "regions": (A, B),
        "started": 1_790_000_000.0,
        "seconds": 20.3,
        "events": EVENTS,
        "samples": samples(),
        "changes": CHANGES,
        "looks": LOOKS,
        "takeover": Takeover(5.0, B, days_of(5)),
        "agreed": True,
        "final_days": days_of(99),
        "check": Check(100, 200, 0, Counter()),
        "failure": None,
    }
    return Record(**{**values, **changed})

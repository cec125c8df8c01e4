"""The arithmetic of a verdict: what is measured, and what fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.drill.check import Check
from node.drill.manager import days_of, number_of
from node.drill.record import Event, Takeover
from node.drill.samples import THROTTLED, WRONG, Sample
from node.drill.scenario import Expect, Kind
from node.drill.verdict import judge, measured
from tests.unit.drill.records import CHANGES, EVENTS, A, B, change, record, samples


def test_a_drill_in_which_all_was_well() -> None:
    found = measured(record())
    assert found.fault_at == 3.1
    assert found.healed_at == 9.0
    assert found.write_rto_seconds == pytest.approx(0.11)
    assert found.management_rto_seconds == pytest.approx(2.2)
    assert (found.rpo_changes, found.rpo_seconds, found.superseded_changes) == (0, 0, 0)
    assert found.convergence_seconds == pytest.approx(1.0)
    assert found.failed_requests_elsewhere == 0
    assert found.regions[A].refused == 60
    assert found.regions[B].refused == 0
    assert judge(record(), found).passed


def test_throttled_requests_are_counted_and_those_that_were_given_up() -> None:
    stampede = replace(
        record().scenario, expect=Expect(throttled_requests_least=3, given_up_requests=1)
    )
    tries = [Sample(4.0 + each, B, "Encrypt", 0.01, THROTTLED, True) for each in range(3)]
    one, two = (Sample(7.0, B, "Encrypt", 0.01, THROTTLED) for _ in range(2))
    for last, passed in (((one,), True), ((one, two), False)):
        made = record(scenario=stampede, samples=[*tries, *last])
        found = measured(made)
        assert found.throttled_requests == 3 + len(last)
        assert found.given_up_requests == found.failed_requests_elsewhere == len(last)
        assert judge(made, found).passed is passed
    quiet = record(scenario=stampede)
    assert not judge(quiet, measured(quiet)).passed  # nobody was throttled: nothing was rehearsed


def test_changes_that_the_heir_lacked() -> None:
    found = measured(record(takeover=Takeover(5.0, B, days_of(0))))
    assert found.rpo_changes == 2
    assert found.rpo_seconds == pytest.approx(2.1)  # from 1.0 to 3.1
    nothing = measured(record(takeover=Takeover(5.0, B, None)))
    assert nothing.rpo_changes == 3
    assert nothing.rpo_seconds == pytest.approx(3.1)


def test_a_change_whose_answer_was_lost_is_no_loss() -> None:
    """The heir has one more than was acknowledged: number 7."""
    assert measured(record(takeover=Takeover(5.0, B, days_of(7)))).rpo_changes == 0


def test_changes_of_a_region_that_led_no_longer() -> None:
    late = (*CHANGES, change(60, 9.5), change(61, 9.7))
    found = measured(record(changes=late))
    assert (found.rpo_changes, found.superseded_changes) == (0, 2)
    assert not judge(record(changes=late), found).passed
    handed = Event(9.0, 9.1, Kind.ACT, f"handover {B} {A}", "", ())
    assert measured(record(changes=late, events=(*EVENTS, handed))).superseded_changes == 0


def test_without_a_takeover_the_end_decides() -> None:
    kept = measured(record(takeover=None))
    assert kept.rpo_changes == 0
    lost = measured(record(takeover=None, final_days=days_of(40)))
    assert lost.rpo_changes == 1


@given(st.integers(0, 10**6), st.integers(-2000, 90))
def test_a_change_is_known_by_its_days(number: int, later: int) -> None:
    about = number - later
    assert number_of(days_of(number), about) == number


def criterion(name: str, **changed: Any) -> bool:
    made = record(**changed)
    return next(each.passed for each in judge(made, measured(made)).criteria if each.name == name)


def more(*added: Sample) -> list[Sample]:
    return [*samples(), *added]


FAILURES: dict[str, tuple[str, dict[str, Any]]] = {
    "a step": ("every step", {"failure": "it failed."}),
    "a wrong plaintext under load": (
        "wrong plaintexts",
        {"samples": more(Sample(1, A, "Decrypt", 0.1, WRONG))},
    ),
    "a wrong plaintext in the end": ("wrong plaintexts", {"check": Check(9, 17, 1, Counter())}),
    "a ciphertext that does not open": (
        "ciphertexts that do not open",
        {"check": Check(9, 17, 0, Counter({(A, "unreachable"): 1}))},
    ),
    "no check at all": ("ciphertexts that do not open", {"check": None}),
    "regions that differ": ("regions agree in the end", {"agreed": False}),
    "no convergence": ("time to converge", {"looks": ()}),
    "late convergence": (
        "time to converge",
        {"events": (EVENTS[0], EVENTS[1], Event(1.0, 3.2, Kind.HEAL, "link heal a b", "", ()))},
    ),
    "no writes": (
        "recovery time of writes",
        {"samples": [each for each in samples() if each.at < 3]},
    ),
    "late writes": (
        "recovery time of writes",
        {"samples": [each for each in samples() if not 3 <= each.at < 5]},
    ),
    "no key management": ("recovery time of key management", {"changes": CHANGES[:3]}),
    "changes lost": ("recovery point in changes", {"takeover": Takeover(5.0, B, days_of(0))}),
    "time lost": ("recovery point in time", {"takeover": Takeover(5.0, B, days_of(0))}),
    "a failed request elsewhere": (
        "failed requests in regions without a fault",
        {"samples": more(Sample(4, B, "Encrypt", 0.1, "ThrottlingException"))},
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_thing_that_can_fail_does(name: str) -> None:
    what, changed = FAILURES[name]
    assert what == "every step" or criterion(what), "it fails when all is well"
    assert not criterion(what, **changed)


def test_a_stream_that_is_killed_touches_no_client() -> None:
    fault = Event(3.0, 3.1, Kind.FAULT, f"region kill {A} --stream", "", ())
    found = measured(record(events=(fault, *EVENTS[1:])))
    assert found.failed_requests_elsewhere == 60


def test_a_drill_without_a_fault_has_no_recovery() -> None:
    found = measured(record(events=()))
    assert found.fault_at is None
    assert found.write_rto_seconds is None

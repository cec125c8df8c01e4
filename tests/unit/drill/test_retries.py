"""When a client of a drill tries again, and where: the rule alone."""

from __future__ import annotations

import pytest

from node.drill.calls import TIMED_OUT, UNREACHABLE
from node.drill.retries import Again, next_try
from node.drill.samples import THROTTLED, WRONG
from node.wire.errors import WIRE_ERRORS


def after(error: str, tries: int = 1, retries: int = 3, *, elsewhere: bool = False) -> Again | None:
    return next_try(error, tries, retries, elsewhere=elsewhere, random=lambda: 1.0)


@pytest.mark.parametrize("error", ["", WRONG, "AccessDeniedException", "DisabledException"])
def test_what_is_final_is_not_tried_again(error: str) -> None:
    assert after(error, elsewhere=True) is None


def test_every_fault_of_the_service_passes() -> None:
    for name, status in WIRE_ERRORS.values():
        retried = after(name) is not None
        assert retried is (status >= 500 or name == THROTTLED), name


def test_the_pauses_grow_to_a_limit_and_end_with_the_retries() -> None:
    pauses = [after(THROTTLED, tries, 7) for tries in range(1, 9)]
    assert [each and each.seconds for each in pauses] == [1, 2, 4, 8, 16, 20, 20, None]
    assert after(THROTTLED, retries=0) is None


@pytest.mark.parametrize("error", [UNREACHABLE, TIMED_OUT])
def test_a_client_goes_to_its_standby_at_once_when_nobody_answers(error: str) -> None:
    assert after(error, tries=9, retries=0, elsewhere=True) == Again(0.0, elsewhere=True)
    assert after(error) == Again(1.0)


def test_a_throttled_client_stays() -> None:
    assert after(THROTTLED, elsewhere=True) == Again(1.0)

"""What /proc says."""

from __future__ import annotations

import os

import pytest

from bench.errors import BenchError
from bench.machine import Cores, Usage, busy_seconds, cpu_seconds, used_ticks

STAT = "{pid} ({name}) S 1 1 1 0 -1 4194304 100 200 3 4 {user} {system} 5 6 20 0 1 0 9 0 0"


@pytest.mark.parametrize("name", ["python", "a b", "a) R 1 2", "((", "))"])
def test_user_and_system_time_are_found_behind_any_name(name: str) -> None:
    assert used_ticks(STAT.format(pid=7, name=name, user=30, system=12)) == 42


def test_a_process_uses_time_and_its_core_is_busy() -> None:
    assert cpu_seconds(os.getpid()) > 0
    assert busy_seconds(min(os.sched_getaffinity(0))) > 0


def test_what_is_not_the_process_is_others() -> None:
    used = Usage(12.0, 5.0, 7.0).since(Usage(10.0, 4.0, 5.5))
    assert used == Usage(2.0, 1.0, 1.5)
    assert (used.process_share, used.others_share) == (0.5, 0.25)


def test_a_clock_that_ticks_too_coarsely_makes_nothing_negative() -> None:
    assert Usage(1.0, 0.51, 0.50).others_share == 0.0


def test_a_core_that_is_not_there_is_refused() -> None:
    with pytest.raises(BenchError, match="core 4096"):
        busy_seconds(4096)


def test_one_core_for_both_is_told() -> None:
    assert not Cores(server=0, load=0).separate
    assert Cores(server=1, load=0).separate

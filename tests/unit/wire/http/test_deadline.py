"""A deadline rings once its moment has passed, however often that was moved."""

from __future__ import annotations

import asyncio
import math
from typing import Any, cast

import pytest

from node.wire.http.deadline import Deadline


class Loop:
    """Time stands until it is moved; rings what is due."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Any, *args: Any, **_: Any) -> Any:
        timer = Timer(when, callback)
        self.timers.append(timer)
        return timer

    def move(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [each for each in self.timers if not each.gone and each.when <= end]:
            first = min(due, key=lambda each: each.when)
            self.now, first.gone = max(self.now, first.when), True
            first.callback()
        self.now = end


class Timer:
    def __init__(self, when: float, callback: Any) -> None:
        self.when, self.callback, self.gone = when, callback, False

    def cancel(self) -> None:
        self.gone = True


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def rings() -> list[float]:
    return []


@pytest.fixture
def deadline(loop: Loop, rings: list[float]) -> Deadline:
    return Deadline(cast("asyncio.AbstractEventLoop", loop), lambda: rings.append(loop.now))


def test_it_rings_once(loop: Loop, rings: list[float], deadline: Deadline) -> None:
    deadline.move(10)
    loop.move(9)
    assert rings == []
    loop.move(100)
    assert rings == [1010]


def test_a_later_moment_costs_no_timer(loop: Loop, rings: list[float], deadline: Deadline) -> None:
    for _ in range(100):
        deadline.move(10)
        loop.move(0.01)
    assert len(loop.timers) == 1
    loop.move(100)
    assert rings == [pytest.approx(1010.99)]
    assert len(loop.timers) == 2


def test_an_earlier_moment_counts(loop: Loop, rings: list[float], deadline: Deadline) -> None:
    deadline.move(100)
    deadline.move(1)
    loop.move(1000)
    assert rings == [1001]


def test_never_is_never_until_it_is_moved(
    loop: Loop, rings: list[float], deadline: Deadline
) -> None:
    deadline.move(1)
    deadline.move(math.inf)
    loop.move(1000)
    assert rings == []
    deadline.move(1)
    loop.move(1000)
    assert rings == [2001]


def test_what_is_cancelled_does_not_ring(
    loop: Loop, rings: list[float], deadline: Deadline
) -> None:
    deadline.move(1)
    deadline.cancel()
    loop.move(1000)
    assert rings == []

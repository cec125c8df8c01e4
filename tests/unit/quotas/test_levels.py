"""Levels that several processes share are those of one process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from node.quotas.levels import OwnLevels, SharedLevels

NAMES = st.sampled_from(
    ["111122223333/Symmetric", "111122223333/ECC", "444455556666/Symmetric", ""]
)
TAKES = st.lists(
    st.tuples(NAMES, st.sampled_from([0.001, 1.0, 2.5, 50.0]), st.floats(0.0, 2.0)), max_size=60
)
TAKER = """
import sys
from node.quotas.levels import SharedLevels
levels = SharedLevels(int(sys.argv[1]))
print(sum(levels.take("account/quota", 500.0, 7.0) for _ in range(400)))
"""


def shared() -> SharedLevels:
    with tempfile.TemporaryFile() as file:
        return SharedLevels.new(os.dup(file.fileno()))


@given(takes=TAKES)
def test_shared_levels_give_what_own_levels_give(takes: Sequence[tuple[str, float, float]]) -> None:
    own, one = OwnLevels(), shared()
    other, now = SharedLevels(one.descriptor), 1_790_000_000.0
    try:
        for number, (name, rate, passed) in enumerate(takes):
            now += passed
            by = (one, other)[number % 2]
            assert by.take(name, rate, now) == own.take(name, rate, now)
    finally:
        os.close(one.descriptor)


def test_two_processes_take_no_more_than_there_is() -> None:
    levels = shared()
    command = [sys.executable, "-c", TAKER, str(levels.descriptor)]
    takers = [
        subprocess.Popen(command, pass_fds=(levels.descriptor,), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    granted = [int(each.communicate()[0]) for each in takers]
    assert sum(granted) == 500
    assert not levels.take("account/quota", 500.0, 7.0)
    os.close(levels.descriptor)


def test_more_buckets_than_there_is_room_for_take_the_place_of_old_ones() -> None:
    levels = shared()
    for number in range(70_000):
        assert levels.take(f"{number}/quota", 1.0, float(number))
    assert not levels.take("69999/quota", 1.0, 69_999.0)
    os.close(levels.descriptor)

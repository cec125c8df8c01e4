"""Request IDs are UUIDs of version 4, each another one."""

from __future__ import annotations

import os
import uuid

from hypothesis import given
from hypothesis import strategies as st

from node.request_ids import RequestIds


def test_ids_are_random_uuids_and_differ() -> None:
    ids = RequestIds(os.urandom)
    made = [ids.new() for _ in range(1000)]
    assert len(set(made)) == 1000
    for each in made:
        assert str(uuid.UUID(each)) == each
        assert uuid.UUID(each).version == 4
        assert uuid.UUID(each).variant == uuid.RFC_4122


@given(st.binary(min_size=16, max_size=16))
def test_all_but_version_and_variant_is_random(drawn: bytes) -> None:
    made = RequestIds(lambda size: drawn * (size // 16)).new()
    assert made == str(uuid.UUID(bytes=drawn, version=4))


def test_randomness_is_asked_for_once_for_many() -> None:
    asked: list[int] = []

    def randomness(size: int) -> bytes:
        asked.append(size)
        return os.urandom(size)

    ids = RequestIds(randomness)
    for _ in range(64):
        ids.new()
    assert len(asked) == 1

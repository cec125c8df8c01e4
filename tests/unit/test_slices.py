"""Short slices: given where the system has them, and nothing else of the thread is changed."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from node.slices import shorten_slices


def in_a_thread() -> tuple[bool, int, int]:
    """Whether slices were shortened, and the niceness before and after, of a thread of its own."""
    found: list[tuple[bool, int, int]] = []

    def shorten() -> None:
        os.nice(1)
        before = os.getpriority(os.PRIO_PROCESS, 0)
        found.append((shorten_slices(), before, os.getpriority(os.PRIO_PROCESS, 0)))

    thread = threading.Thread(target=shorten)
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.skipif(sys.platform != "linux", reason="niceness is the process's")
def test_niceness_stays_what_it_was() -> None:
    _, before, after = in_a_thread()
    assert after == before


def test_another_machine_has_no_short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "abacus")
    assert not shorten_slices()

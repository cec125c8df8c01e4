"""Whether a thread is busy: by its share of a core, in spans that are long enough to tell."""

from __future__ import annotations

from node.store.busy import SHARE, SPAN_SECONDS, Busy


def test_the_share_of_a_core_says_it_span_by_span() -> None:
    now, used = [0.0], [0.0]
    busy = Busy(lambda: now[0], lambda: used[0])

    def asked(after: float, share: float) -> bool:
        now[0] += after
        used[0] += share * after
        return busy()

    assert not asked(SPAN_SECONDS / 4, 1.0)  # too short to tell
    assert not asked(SPAN_SECONDS, 0.5)
    assert asked(SPAN_SECONDS, SHARE + 0.1)
    assert asked(SPAN_SECONDS / 4, 0.0)
    assert not asked(SPAN_SECONDS, 0.0)
    assert not asked(100 * SPAN_SECONDS, SHARE - 0.1)


def test_whoever_does_nothing_is_not_busy() -> None:
    assert not Busy()()

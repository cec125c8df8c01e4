"""What simulations have found, told as short stories: each fixed bug keeps one."""

from __future__ import annotations

from replication.position import CursorState
from tests.simulation.memory_store import State
from tests.simulation.stage import AP, EU, KEY_ID, US, Stage

ASKED_AGAIN = 25  # seconds: patience, a second search, and the answer


def _settled(*names: str, retention: int = 1000) -> Stage:
    stage = Stage(*names, retention=retention)
    stage.run(3)
    return stage


def test_one_region_asks_for_a_resync_and_the_others_read_on() -> None:
    """Seed 4 of the first simulator: the answer made every other region refuse, and ask too."""
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.replicate(US, AP)
    stage.run(2)
    stage.restore(AP, State())
    lengths = []
    for _ in range(3):
        stage.run(10)
        assert stage.problems() == []
        lengths.append([stage.state(name).head.sequence for name in (US, EU, AP)])  # type: ignore[union-attr]
    assert lengths[1] == lengths[2]
    assert stage.replicas(AP) == (AP, EU)


def test_a_primary_restored_from_before_a_replication_learns_of_it() -> None:
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(2)
    old = stage.state(US)
    stage.replicate(US, AP)
    stage.run(2)
    stage.restore(US, old)
    stage.run(ASKED_AGAIN)
    assert stage.problems() == []
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, EU)] * 3


def test_a_restored_region_is_noticed_though_nothing_is_written() -> None:
    """Seed 24: the restored log ended where its readers stood, with another entry. Everyone had
    caught up, as it seemed, and the restored region lacked what it had acknowledged before.
    """
    stage = _settled(US, EU)
    stage.create(US)
    old = stage.state(EU)
    stage.replicate(US, EU)
    stage.run(5)
    stage.restore(EU, old)
    stage.run(ASKED_AGAIN)
    assert stage.replicas(EU) == (EU,)
    assert stage.problems() == []


def test_a_request_that_the_origin_lost_with_its_store_is_made_again() -> None:
    """Seed 37: the origin had acknowledged the request, so it was trimmed; then it lost its store.
    The asker waited for ever, and never read that region's log again.
    """
    stage = _settled(US, EU)
    stage.restore(EU, State())
    stage.run(2, EU)  # asks, and publishes the request
    stage.run(10, US)  # hears it
    assert stage.state(US).resyncs[EU].request == stage.state(EU).cursors[US].request
    stage.state(EU).outbox.clear()
    stage.streams[EU].lose()
    stage.restore(US, State())
    stage.run(ASKED_AGAIN)
    assert stage.state(EU).cursors[US].state is CursorState.FOLLOWING
    assert stage.state(US).cursors[EU].state is CursorState.FOLLOWING


def test_an_answer_that_was_trimmed_before_it_was_read_is_asked_for_again() -> None:
    stage = _settled(US, EU, AP, retention=12)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(2)
    stage.restore(EU, State())
    stage.run(2, EU)
    stage.run(10, US, AP)  # answers
    for number in range(20):
        stage.create(US, f"mrk-{number:032x}")
        stage.replicate(US, AP, f"mrk-{number:032x}")
        stage.run(1, US, AP)  # lets the answer go, as it is old
    stage.run(ASKED_AGAIN)
    assert stage.state(EU).cursors[US].state is CursorState.FOLLOWING
    assert KEY_ID in stage.state(EU).keys


def test_no_request_is_repeated_to_a_dead_region() -> None:
    """A region that waits for years must not fill its own log meanwhile."""
    stage = _settled(US, EU)
    stage.regions[US].crash()
    stage.restore(EU, State())
    stage.run(100, EU)
    before = stage.state(EU).head
    stage.run(1000, EU)
    assert stage.state(EU).head == before

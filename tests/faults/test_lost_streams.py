"""A stream server that loses its tail, or all that it has, is refilled, and every region converges.

In each test the stream loses entries that no other region has read; otherwise nothing would have to
be refilled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.faults import agreement
from tests.faults.freezing import frozen_nodes
from tests.faults.load import Ledger, new_key
from tests.faults.streams import Stream, StreamFiles, wait_until_published
from tests.harness.cluster import Cluster

pytestmark = pytest.mark.processes

VICTIM, READERS = "us-east-1", ("eu-west-1", "ap-southeast-2")
CHANGES: Final = 4


@dataclass(frozen=True, slots=True)
class Loss:
    """A stream with unread entries: `saved` is a copy of its server's files without those, and
    `half` the size that they had when half of those were written."""

    cluster: Cluster
    random: Random
    saved: Path
    half: int

    @property
    def files(self) -> StreamFiles:
        return StreamFiles(self.cluster, VICTIM)


def flushed(loss: Loss) -> None:
    """FLUSHALL."""
    Stream(loss.cluster, VICTIM).flush()


def restarted_empty(loss: Loss) -> None:
    """The server starts again with nothing on its disk."""
    loss.cluster.kill_stream(VICTIM)
    loss.files.empty()
    loss.cluster.start_stream(VICTIM)


def restarted_from_an_old_copy(loss: Loss) -> None:
    """The server starts again with its disk as it was before."""
    loss.cluster.kill_stream(VICTIM)
    loss.files.restore(loss.saved)
    loss.cluster.start_stream(VICTIM)


def restarted_without_its_tail(loss: Loss) -> None:
    """The server starts again with a file that ends early, in the middle of an entry."""
    loss.cluster.kill_stream(VICTIM)
    loss.files.cut(loss.random.randrange(loss.half, loss.files.size - 1))
    loss.cluster.start_stream(VICTIM)


LOSSES: Final = (
    flushed,
    restarted_empty,
    restarted_from_an_old_copy,
    restarted_without_its_tail,
)


def while_all_run(cluster: Cluster, lose: Callable[[], None]) -> None:
    """Only the stream's server has trouble; its own node sees it happen."""
    lose()


def while_its_node_is_down(cluster: Cluster, lose: Callable[[], None]) -> None:
    """The node that is to refill it starts later, and has nothing but its store."""
    cluster.kill_node(VICTIM)
    lose()
    cluster.start_node(VICTIM)


def while_the_others_are_down(cluster: Cluster, lose: Callable[[], None]) -> None:
    """Nobody reads it till it is refilled."""
    for region in READERS:
        cluster.kill(region)
    lose()
    cluster.local.start()


CIRCUMSTANCES: Final = (while_all_run, while_its_node_is_down, while_the_others_are_down)


def words(function: Callable[..., None]) -> str:
    return function.__name__.replace("_", " ")


@pytest.fixture
def level(prompt_cluster: Cluster) -> Iterator[Cluster]:
    agreement.wait_until_level(prompt_cluster)
    yield prompt_cluster
    prompt_cluster.local.start()
    agreement.wait_until_level(prompt_cluster)


@pytest.mark.parametrize("circumstances", CIRCUMSTANCES, ids=words)
@pytest.mark.parametrize("loss", LOSSES, ids=words)
def test_what_a_stream_lost_is_refilled_and_every_region_converges(
    level: Cluster,
    loss: Callable[[Loss], None],
    circumstances: Callable[[Cluster, Callable[[], None]], None],
    random: Random,
    tmp_path: Path,
) -> None:
    cluster, ledger = level, Ledger()
    with frozen_nodes(cluster, READERS):
        saved = tmp_path / "saved"
        StreamFiles(cluster, VICTIM).copy(saved)
        change(cluster, ledger, VICTIM, CHANGES // 2)
        wait_until_published(cluster, VICTIM)
        half = StreamFiles(cluster, VICTIM).size
        change(cluster, ledger, VICTIM, CHANGES // 2)
        had = wait_until_published(cluster, VICTIM)

        def lose() -> None:
            with frozen_nodes(cluster, [VICTIM]):  # so that the loss can be looked at
                loss(Loss(cluster, random, saved, half))
                left = Stream(cluster, VICTIM).entries()
                assert set(had) - set(left), f"nothing was lost: {len(left)} and {len(had)} before"
                assert had[-1] not in left

        circumstances(cluster, lose)
        change(cluster, ledger, VICTIM, 1)  # published over what was lost, if that is not noticed
    agreement.wait_until_level(cluster)
    agreement.check_keys(cluster, ledger, ledger.key_ids())
    agreement.check_ciphertexts(cluster, ledger)


def test_all_streams_lose_everything_at_once(level: Cluster) -> None:
    cluster, ledger = level, Ledger()
    for region in cluster.names:
        cluster.kill_stream(region)
        change(cluster, ledger, region, 2)
    with frozen_nodes(cluster, cluster.names):
        for region in cluster.names:
            StreamFiles(cluster, region).empty()
            cluster.start_stream(region)
            assert Stream(cluster, region).entries() == []
    agreement.wait_until_level(cluster)
    agreement.check_keys(cluster, ledger, ledger.key_ids())
    agreement.check_ciphertexts(cluster, ledger)


def change(cluster: Cluster, ledger: Ledger, home: str, keys: int) -> None:
    """New keys in `home`, replicated to both others, all of it acknowledged."""
    others = [region for region in cluster.names if region != home]
    for _ in range(keys):
        new_key(cluster, ledger, home, others)

"""An attacker who tampers with every stream ten times a second, while keys are replicated."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from random import Random
from types import TracebackType

import pytest
from redis.exceptions import ResponseError

from crypto.identity import PublicIdentity
from node.settings import read_cluster_settings
from replication.entries import StreamEntry
from replication.errors import Refused
from tests.faults import agreement
from tests.faults.attacks import ATTACKS, Target
from tests.faults.load import Load
from tests.faults.streams import Stream
from tests.harness.cluster import Cluster, eventually
from tests.harness.plugin import Tell

pytestmark = pytest.mark.processes

ATTACKS_MADE = 60
INTERVAL_SECONDS = 0.1
CALLS_EACH = 5  # made by clients around each attack
SECONDS = 20.0  # "within seconds of the attack's end"


def test_regions_converge_by_themselves_when_a_sustained_attack_ends(
    prompt_cluster: Cluster, random: Random, tell: Tell
) -> None:
    cluster = prompt_cluster
    with Load(cluster, random) as load:
        with Attacker(cluster, random, partial(load.allow, CALLS_EACH)) as attacker:
            awaited = f"the attacker has not made {ATTACKS_MADE} attacks"
            eventually(lambda: attacker.made.total() >= ATTACKS_MADE, awaited)
        ended = time.monotonic()
        eventually(lambda: load.idle, "the clients have not made their calls")
        with load.paused():
            agreement.wait_until_level(cluster, SECONDS)
            seconds = time.monotonic() - ended
            agreement.check_keys(cluster, load.ledger, load.ledger.key_ids())
            agreement.check_ciphertexts(cluster, load.ledger)
            agreement.check_lists(cluster, load.ledger)
    refusals = sum(
        peer.refusals for name in cluster.names for peer in cluster.status(name).peers.values()
    )
    rewrites = sum(cluster.status(name).log.rewrites for name in cluster.names)
    assert refusals > 0
    assert rewrites > 0
    assert "Traceback" not in "".join(map(cluster.log, cluster.names))
    tell(f"{attacker.made.total()} attacks of {len(attacker.made)} kinds around")
    tell(f"{load.ledger.acknowledged} acknowledged calls: {refusals} refusals, {rewrites} rewrites")
    tell(f"all regions were level {seconds:.1f} seconds after the last attack")


class Attacker:
    """A thread that makes an attack of the table on a stream, both at random, at each interval."""

    def __init__(self, cluster: Cluster, random: Random, before_each: Callable[[], None]) -> None:
        self._before_each = before_each
        self.made: Counter[str] = Counter()
        self._random = Random(random.random())
        regions = read_cluster_settings(cluster.local.folder.cluster_file).regions
        self._streams = [(Stream(cluster, each.region), each.identity) for each in regions.values()]
        self._seen: dict[str, StreamEntry] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attacker")

    def __enter__(self) -> Attacker:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL_SECONDS):
            stream, identity = self._random.choice(self._streams)
            attack = self._random.choice(ATTACKS)
            self._before_each()
            # The node writes too: an entry or the whole stream may be another one by now.
            with suppress(ResponseError, Refused, LookupError, ValueError):
                attack.tamper(self._target(stream, identity))
                self.made[attack.name] += 1

    def _target(self, stream: Stream, identity: PublicIdentity) -> Target:
        """The stream as it is now; the first entry of it, or one that was seen, counts as read."""
        entries = stream.entries()
        if entries:
            self._seen[stream.region] = entries[-1]
        others = [entry for region, entry in self._seen.items() if region != stream.region]
        read = entries[:1] or [self._seen[stream.region]]
        return Target(stream, identity, read, entries[1:], self._random.choice(others))

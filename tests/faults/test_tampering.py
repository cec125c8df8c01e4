"""A region's stream is tampered with on its server: refused, reported, not applied, repaired (D4).

The origin compares its stream with its outbox every second, so a reader seldom meets what was
tampered with. Here the origin stands still until the reader has met it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from node.model.status import PeerStatus
from node.settings import read_cluster_settings
from replication.entries import StreamEntry
from tests.faults import agreement
from tests.faults.attacks import ATTACKS, UNREAD, Attack, Target
from tests.faults.freezing import frozen, frozen_nodes
from tests.faults.load import Ledger, new_key
from tests.faults.streams import Stream, wait_until_published
from tests.harness.cluster import Cluster, error_code, eventually

pytestmark = pytest.mark.processes

ORIGIN, READER, OTHER = "us-east-1", "eu-west-1", "ap-southeast-2"
SECONDS = 15.0  # "within seconds of the attack's end"


@pytest.fixture(scope="module")
def foreign(prompt_cluster: Cluster) -> StreamEntry:
    """A true entry of OTHER's log, which offers a key to READER."""
    with frozen_nodes(prompt_cluster, [READER]):  # or it would be read, and trimmed
        new_key(prompt_cluster, Ledger(), OTHER, [READER])
        return wait_until_published(prompt_cluster, OTHER)[-1]


@pytest.fixture
def level(prompt_cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, level before and after each test."""
    agreement.wait_until_level(prompt_cluster)
    yield prompt_cluster
    agreement.wait_until_level(prompt_cluster)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_is_refused_reported_not_applied_and_repaired(
    level: Cluster, foreign: StreamEntry, attack: Attack
) -> None:
    cluster, ledger = level, Ledger()
    before = peer(cluster)
    log_before = len(cluster.log(READER))
    rewrites = cluster.status(ORIGIN).log.rewrites
    with ExitStack() as other, ExitStack() as reader, ExitStack() as origin:
        other.enter_context(frozen_nodes(cluster, [OTHER]))  # acknowledges nothing: all is kept
        read = new_key(cluster, ledger, ORIGIN, [READER])
        cluster.wait_until_enabled(read, [READER])
        reader.enter_context(frozen_nodes(cluster, [READER]))
        unread = [new_key(cluster, ledger, ORIGIN, to) for to in ([READER], [READER, OTHER])]
        entries = wait_until_published(cluster, ORIGIN)
        origin.enter_context(frozen_nodes(cluster, [ORIGIN]))

        attack.tamper(target(cluster, entries, foreign))
        reader.close()
        eventually(partial(has_met, cluster, attack, before, entries), f"{attack} was not met")
        if attack.refusal:
            assert attack.refusal in cluster.log(READER)[log_before:]
        for key_id in unread if not attack.genuine else ():
            describe = partial(cluster.kms(READER).describe_key, KeyId=key_id)
            assert error_code(describe) == "NotFoundException"

    agreement.wait_until_level(cluster, SECONDS)
    agreement.check_keys(cluster, ledger, ledger.key_ids())
    agreement.check_ciphertexts(cluster, ledger)
    after = peer(cluster)
    assert after.refusals == before.refusals + bool(attack.refusal)
    assert cluster.status(ORIGIN).log.rewrites > rewrites or not attack.rewritten
    assert "Traceback" not in "".join(map(cluster.log, cluster.names))


def test_a_reader_that_is_not_helped_asks_for_the_state_and_keyspan_status_tells_it(
    level: Cluster,
) -> None:
    cluster = level
    with frozen(cluster.local.regions[ORIGIN].node):
        Stream(cluster, ORIGIN).add("9999999999-0", b"invented")
        eventually(lambda: peer(cluster).state == "refused", "it was not refused")
        code, told = keyspan_status(cluster)
        refusal = "Malformed: entry 9999999999-0 is not msgpack"
        assert code == 1
        assert told["regions"][READER]["peers"][ORIGIN]["last_refusal"] == refusal
        awaited = "it did not ask for the state"
        eventually(lambda: f"asked {ORIGIN} for a resync" in cluster.log(READER), awaited)
    agreement.wait_until_level(cluster, SECONDS)
    eventually(lambda: f"sent {READER} the state" in cluster.log(ORIGIN), "no state was sent")
    code, told = keyspan_status(cluster)
    assert (code, told["attention"]) == (0, [])
    assert told["regions"][READER]["peers"][ORIGIN]["last_refusal"] == refusal
    assert told["regions"][ORIGIN]["log"]["rewrites"] > 0


def keyspan_status(cluster: Cluster) -> tuple[int, Any]:
    """Exit status and JSON of `keyspan status`, as a process of its own."""
    command = [sys.executable, "-m", "node.cli", "status", "--json", "--data"]
    done = subprocess.run(
        [*command, str(cluster.local.folder.root)], capture_output=True, check=False, timeout=60
    )
    return done.returncode, json.loads(done.stdout)


def has_met(
    cluster: Cluster, attack: Attack, before: PeerStatus, entries: list[StreamEntry]
) -> bool:
    """Whether the reader has taken the genuine entries, no more, and says what it thinks."""
    now = peer(cluster)
    expected = len(entries) - UNREAD + attack.genuine + int(entries[0].id.split("-")[0]) - 1
    assert now.position == expected, f"{now}, and not at {expected}"
    if attack.refusal is None:
        assert now.state == "following"
        return now.caught_up
    assert now.state == "refused", now
    assert now.refusals == before.refusals + 1
    assert now.last_refusal is not None
    assert now.last_refusal.startswith(f"{attack.refusal}: ")
    assert now.reason == now.last_refusal
    return not now.caught_up


def target(cluster: Cluster, entries: list[StreamEntry], foreign: StreamEntry) -> Target:
    """ORIGIN's stream: the last three entries are unread."""
    settings = read_cluster_settings(cluster.local.folder.cluster_file)
    return Target(
        Stream(cluster, ORIGIN),
        settings.regions[ORIGIN].identity,
        entries[:-UNREAD],
        entries[-UNREAD:],
        foreign,
    )


def peer(cluster: Cluster) -> PeerStatus:
    """What READER says of ORIGIN."""
    return cluster.status(READER).peers[ORIGIN]

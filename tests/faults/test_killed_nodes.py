"""SIGKILL of a node between commit and publication loses nothing and doubles nothing (D5)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from replication.payloads import RelatedKeysChanged
from tests.faults import agreement
from tests.faults.conftest import Tell
from tests.faults.history import changes, check_history, resyncs_asked
from tests.faults.kill_points import HELD_OPEN, KILL_POINTS, Scene
from tests.faults.load import Ledger, Load
from tests.faults.store_file import last_committed
from tests.harness.cluster import Cluster

pytestmark = pytest.mark.processes

TIMES_EACH = 3  # 24 kill points a run


def test_a_node_killed_at_any_point_loses_nothing_and_doubles_nothing(
    prompt_cluster: Cluster, random: Random, tell: Tell, tmp_path: Path
) -> None:
    cluster = prompt_cluster
    points = [*KILL_POINTS.items()] * TIMES_EACH
    random.shuffle(points)
    unpublished: Counter[str] = Counter()
    with Load(cluster, random) as load:
        for name, kill in points:
            victim = random.choice(cluster.names)
            kill(Scene(cluster, load, victim, random))
            left = last_committed(cluster, victim, tmp_path) - _published(cluster, victim)
            unpublished[name] += left > 0
            assert left > 0 or name not in HELD_OPEN, f"nothing was unpublished {name}"
            _check_restart(cluster, victim, load)
        with load.paused():
            _check_everything(cluster, load.ledger)
            _tell(tell, load.ledger, unpublished)


def _published(cluster: Cluster, region: str) -> int:
    """The number of the last entry in the region's stream."""
    with cluster.stream(region) as redis:
        found = redis.xrevrange(f"keyspan:{{{region}}}:log", count=1)
    return int(found[0][0].split(b"-")[0]) if found else 0


def _check_restart(cluster: Cluster, victim: str, load: Load) -> None:
    """What was acknowledged since the last look is there, also what the dead node had answered."""
    cluster.start_node(victim)
    with load.paused():
        agreement.wait_until_level(cluster)
        agreement.check_keys(cluster, load.ledger, load.ledger.take_recent())
        check_history(cluster, victim)


def _check_everything(cluster: Cluster, ledger: Ledger) -> None:
    agreement.wait_until_level(cluster)
    agreement.check_keys(cluster, ledger, ledger.key_ids())
    agreement.check_ciphertexts(cluster, ledger)
    agreement.check_lists(cluster, ledger)
    told = [change for region in cluster.names for change in _changes(cluster, region)]
    _check_each_change_was_told_once(told, ledger)
    for region in cluster.names:
        assert "refused to read on" not in cluster.log(region)
        assert "Traceback" not in cluster.log(region)
    cluster.wait_until_caught_up()


def _changes(cluster: Cluster, region: str) -> list[RelatedKeysChanged]:
    """The changes in the region's log; it never asked for a resync but at its first start."""
    entries = check_history(cluster, region)
    assert resyncs_asked(entries) == len(cluster.names) - 1
    return changes(entries)


def _check_each_change_was_told_once(told: list[RelatedKeysChanged], ledger: Ledger) -> None:
    versions = Counter((each.shared.key_id, each.shared.version) for each in told)
    assert versions.most_common(1)[0][1] == 1, "a version of shared state was told twice"
    offers = Counter((each.shared.key_id, offer.region) for each in told for offer in each.offers)
    owed = {(key_id, region) for key_id, held in ledger.replicas.items() for region in held}
    assert {offer: offers[offer] for offer in owed} == dict.fromkeys(owed, 1)
    assert set(offers) <= ledger.asked


def _tell(tell: Tell, ledger: Ledger, unpublished: Counter[str]) -> None:
    hit, points = unpublished.total(), len(KILL_POINTS) * TIMES_EACH
    tell(f"{points} kills, {hit} with entries committed and unpublished:")
    for name in KILL_POINTS:
        tell(f"  {unpublished[name]} of {TIMES_EACH} {name}")
    tell(f"{ledger.acknowledged} acknowledged calls, {ledger.lost_answers} lost their answers")

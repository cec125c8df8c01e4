"""SIGKILL of a node between commit and publication loses nothing and doubles nothing (D5)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from replication.payloads import RelatedKeysChanged
from tests.faults import agreement
from tests.faults.history import changes, check_history, resyncs_asked
from tests.faults.kill_points import HELD_OPEN, KILL_POINTS, Scene
from tests.faults.load import Ledger, Load
from tests.faults.store_file import last_committed
from tests.faults.streams import Stream
from tests.harness.cluster import Cluster
from tests.harness.plugin import Tell

pytestmark = pytest.mark.processes

KILLS = 20


def test_a_node_killed_at_any_point_loses_nothing_and_doubles_nothing(
    prompt_cluster: Cluster, random: Random, tell: Tell, tmp_path: Path
) -> None:
    cluster = prompt_cluster
    tried: Counter[str] = Counter()
    unpublished: Counter[str] = Counter()
    with Load(cluster, random) as load:
        for name in _points(random):
            victim = random.choice(cluster.names)
            KILL_POINTS[name](Scene(cluster, load, victim, random))
            left = last_committed(cluster, victim, tmp_path) - Stream(cluster, victim).last
            tried[name] += 1
            unpublished[name] += left > 0
            assert left > 0 or name not in HELD_OPEN, f"nothing was unpublished {name}"
            _check_restart(cluster, victim, load)
        with load.paused():
            _check_everything(cluster, load.ledger)
            _tell(tell, load.ledger, tried, unpublished)


def _points(random: Random) -> list[str]:
    """Each kill point twice, and some more, in random order."""
    names = [*KILL_POINTS] * 2
    names += random.sample([*KILL_POINTS], KILLS - len(names))
    random.shuffle(names)
    return names


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


def _tell(tell: Tell, ledger: Ledger, tried: Counter[str], unpublished: Counter[str]) -> None:
    hit = unpublished.total()
    tell(f"{tried.total()} kills, {hit} of them with entries committed and not published:")
    for name, times in tried.items():
        tell(f"  {unpublished[name]} of {times} {name}")
    tell(f"{ledger.acknowledged} acknowledged calls, {ledger.lost_answers} lost their answers")

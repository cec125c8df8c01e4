"""The load of drills and fault tests, on a real cluster: it counts all and forgets none."""

from __future__ import annotations

from random import Random

import pytest

from node.drill import Load, check_everywhere, summarised
from node.drill.ledger import Sealed
from node.drill.samples import WRONG
from node.drill.scenario import LoadPlan
from tests.harness.cluster import Cluster, eventually

pytestmark = pytest.mark.processes


def endpoints(cluster: Cluster) -> dict[str, str]:
    return {name: cluster.endpoint(name) for name in cluster.names}


def test_every_call_counts_and_every_ciphertext_is_kept(cluster: Cluster, random: Random) -> None:
    home, *others = cluster.names
    key_id = cluster.replicated_key(home, others)
    administrator = cluster.local.administrator
    with Load(endpoints(cluster), administrator, [key_id], random, plan=LoadPlan(50, 2)) as load:
        eventually(lambda: len(load.ledger) > 100, "nothing is encrypted")
        before = summarised(load.samples.since(0))
        assert before.answered == before.tried
        cluster.kill_node(home)
        awaited = "the loss does not show"
        eventually(lambda: summarised(load.samples.since(0)).refused > 20, awaited)
        cluster.start_node(home)
        cut = len(load.samples.since(0))
        awaited = "it does not go on"
        eventually(lambda: _answered(load, home, cut) > 20, awaited)
    summary = summarised(load.samples.since(0))
    assert summary.wrong == 0
    assert set(summary.errors) <= {"unreachable"}
    assert summary.longest_refusal > 0
    assert not [each for each in load.samples.since(0) if each.error and each.region != home]
    check = check_everywhere(load.ledger.entries(), endpoints(cluster), administrator)
    assert check.clean
    assert check.opened == len(load.ledger) * len(cluster.names)


def _answered(load: Load, region: str, since: int) -> int:
    return sum(each.answered and each.region == region for each in load.samples.since(since))


def test_the_check_can_fail(cluster: Cluster, random: Random) -> None:
    home, *others = cluster.names
    administrator = cluster.local.administrator
    shared = cluster.replicated_key(home, others)
    with Load(endpoints(cluster), administrator, [shared], random) as load:
        eventually(lambda: len(load.ledger) > 3, "nothing is encrypted")
    good, changed, altered = load.ledger.entries()[:3]
    local = str(cluster.kms(home).create_key()["KeyMetadata"]["KeyId"])
    blob = cluster.kms(home).encrypt(KeyId=local, Plaintext=b"only here")["CiphertextBlob"]
    entries = [
        good,
        Sealed(0, home, shared, changed.blob, changed.context, b"another plaintext"),
        Sealed(
            0,
            home,
            shared,
            altered.blob[:-1] + bytes([altered.blob[-1] ^ 1]),
            altered.context,
            altered.digest,
        ),
        Sealed(0, home, local, blob, {}, b""),
    ]
    check = check_everywhere(entries, endpoints(cluster), administrator)
    assert not check.clean
    assert check.opened == 3
    assert check.wrong == 3 + 1  # one of them where a key of one region is
    assert check.unreadable == {
        **{(name, "InvalidCiphertextException"): 1 for name in cluster.names},
        **{(name, "AccessDeniedException"): 1 for name in others},
    }


def test_a_wrong_plaintext_is_called_so(cluster: Cluster, random: Random) -> None:
    home, *others = cluster.names
    key_id = cluster.replicated_key(home, others)
    with Load(
        endpoints(cluster), cluster.local.administrator, [key_id], random, plan=LoadPlan(50, 2)
    ) as load:
        eventually(lambda: len(load.ledger) > 3, "nothing is encrypted")
        true = load.ledger.entries()[0]
        for _ in range(200):
            load.ledger.add(Sealed(0, home, key_id, true.blob, true.context, b"another"))
        eventually(lambda: summarised(load.samples.since(0)).wrong > 0, "nothing is called wrong")
    assert summarised(load.samples.since(0)).errors[WRONG] > 0

"""A region alone: its own stream server dead, and every other region dead (architecture, D10)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.faults import agreement
from tests.faults.load import Ledger, new_key
from tests.harness.cluster import Cluster, error_code, eventually

pytestmark = pytest.mark.processes

ALONE, OTHERS = "eu-west-1", ("us-east-1", "ap-southeast-2")
ELSEWHERE, CONTEXT = "us-east-1", agreement.CONTEXT
KEYS_MEANWHILE = 5


@pytest.fixture
def alone(prompt_cluster: Cluster) -> Iterator[tuple[Cluster, Ledger, str, str]]:
    """One region of three whose node is the only process that is left, with a key of its own and a
    replica of another region's key."""
    cluster, ledger = prompt_cluster, Ledger()
    own = new_key(cluster, ledger, ALONE, OTHERS)
    replica = new_key(cluster, ledger, ELSEWHERE, [ALONE])
    cluster.wait_until_enabled(replica, [ALONE])
    cluster.wait_until_enabled(own, OTHERS)
    for region in OTHERS:
        cluster.kill(region)
    cluster.kill_stream(ALONE)
    running = [service.name for service in cluster.local.services() if service.running]
    assert running == [f"{ALONE}'s node"]
    yield cluster, ledger, own, replica
    cluster.local.start()


def use(kms: Any, key_id: str) -> list[tuple[bytes, bytes]]:
    """Encrypt, GenerateDataKey, and Decrypt of both; gives the ciphertexts and what is inside."""
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"alone", EncryptionContext=CONTEXT)
    data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=CONTEXT)
    made = [
        (blob["CiphertextBlob"], b"alone"),
        (data_key["CiphertextBlob"], data_key["Plaintext"]),
    ]
    for ciphertext, plaintext in made:
        opened = kms.decrypt(CiphertextBlob=ciphertext, EncryptionContext=CONTEXT)
        assert (opened["Plaintext"], opened["KeyId"].split(":")[3]) == (plaintext, ALONE)
    return made


@pytest.mark.parametrize("restarted", [False, True], ids=["warm", "started alone"])
def test_a_region_alone_does_all_that_concerns_itself_and_the_rest_when_others_return(
    alone: tuple[Cluster, Ledger, str, str], restarted: bool
) -> None:
    cluster, ledger, own, replica = alone
    kms = cluster.kms(ALONE)
    if restarted:
        cluster.kill_node(ALONE)
        cluster.start_node(ALONE)

    made = [each for key_id in (own, replica) for each in use(kms, key_id)]
    meanwhile = [new_key(cluster, ledger, ALONE, OTHERS) for _ in range(KEYS_MEANWHILE)]
    made += [each for key_id in meanwhile for each in use(kms, key_id)]
    single = kms.create_key()["KeyMetadata"]["KeyId"]
    use(kms, single)

    status = cluster.status(ALONE)
    assert not status.log.connected
    assert {peer.state for peer in status.peers.values()} == {"unreachable"}
    assert status.log.last - status.log.published >= 2 * KEYS_MEANWHILE

    cluster.local.start()
    agreement.wait_until_level(cluster)
    agreement.check_keys(cluster, ledger, ledger.key_ids())
    agreement.check_ciphertexts(cluster, ledger)
    for region in OTHERS:
        describe = partial(cluster.kms(region).describe_key, KeyId=single)
        assert error_code(describe) == "NotFoundException"
    for ciphertext, plaintext in made:
        opened = cluster.kms(ELSEWHERE).decrypt(
            CiphertextBlob=ciphertext, EncryptionContext=CONTEXT
        )
        assert opened["Plaintext"] == plaintext
    eventually(lambda: cluster.status(ALONE).log.connected, "its stream is not connected")

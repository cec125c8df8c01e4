"""Whether every region holds what the ledger says, and all of them the same of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from botocore.exceptions import HTTPClientError

from tests.faults.load import Ledger
from tests.harness.cluster import Cluster, eventually

CONTEXT = {"tests": "faults"}
WORKERS = 6


def wait_until_level(cluster: Cluster, timeout_seconds: float = 30.0) -> None:
    """Return when every region has published its whole log, and applied the whole of each other's.

    By positions, which unlike `caught_up` need no idle moment.
    """
    eventually(partial(_level, cluster), "not every region is level", timeout_seconds)


def _level(cluster: Cluster) -> bool:
    status = {name: cluster.status(name) for name in cluster.names}
    for name, own in status.items():
        assert own.log.published == own.log.last, f"{name} has published {own.log}"
        for origin, peer in own.peers.items():
            told = f"{name} reads {origin}: {peer}, of {status[origin].log}"
            assert (peer.state, peer.position) == ("following", status[origin].log.last), told
    return True


def check_keys(cluster: Cluster, ledger: Ledger, key_ids: Iterable[str]) -> None:
    """Each key is in every region that was acknowledged, with the same shared state everywhere."""
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(partial(_check_key, cluster, ledger), key_ids))


def check_ciphertexts(cluster: Cluster, ledger: Ledger) -> None:
    """What one region encrypts under a key, all others that hold it decrypt; for every key."""
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(partial(_check_ciphertexts, cluster, ledger), ledger.key_ids()))


def check_lists(cluster: Cluster, ledger: Ledger) -> None:
    """Every region lists what it owes and no more: a key that nobody knows of is allowed only for a
    CreateKey whose answer was lost, and a replica only where one was asked for."""
    for region in cluster.names:
        listed = list_keys(cluster, region)
        assert len(listed) == len(set(listed)), f"{region} lists a key twice"
        unknown = sum(1 for each in listed if each not in ledger.homes)
        assert unknown <= ledger.lost_creations[region], f"{region} made keys that nobody asked for"
        for key_id in set(listed) & set(ledger.homes):
            asked = ledger.homes[key_id] == region or (key_id, region) in ledger.asked
            assert asked, f"nobody asked for {key_id} in {region}"
        owed = {key_id for key_id in ledger.key_ids() if region in owing(ledger, key_id)}
        assert owed <= set(listed), f"{region} lost {owed - set(listed)}"


def list_keys(cluster: Cluster, region: str) -> list[str]:
    """Every key ID that the region lists."""
    pages = (
        cluster.kms(region).get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1000})
    )
    return [key["KeyId"] for page in pages for key in page["Keys"]]


def owing(ledger: Ledger, key_id: str) -> Sequence[str]:
    """The regions that owe the key."""
    return [ledger.homes[key_id], *sorted(ledger.replicas[key_id])]


def check_cryptography(cluster: Cluster, key_id: str, regions: Sequence[str]) -> None:
    """What each of the regions encrypts, every one of them decrypts."""
    for number, origin in enumerate(regions):
        text = f"{origin} {key_id}".encode()
        blob = cluster.kms(origin).encrypt(KeyId=key_id, Plaintext=text, EncryptionContext=CONTEXT)[
            "CiphertextBlob"
        ]
        for reader in (*regions[number:], *regions[:number]):
            opened = cluster.kms(reader).decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
            assert opened["Plaintext"] == text


def _check_key(cluster: Cluster, ledger: Ledger, key_id: str) -> None:
    regions = owing(ledger, key_id)
    told = {region: _describe(cluster, region, key_id) for region in regions}
    shared = {region: _shared(metadata) for region, metadata in told.items()}
    assert len({repr(each) for each in shared.values()}) == 1, f"regions differ: {shared}"
    primary, *replicas = regions
    configuration = told[primary]["MultiRegionConfiguration"]
    held = {each["Region"] for each in configuration["ReplicaKeys"]}
    asked = {region for each, region in ledger.asked if each == key_id}
    assert set(replicas) <= held <= asked, f"{key_id} has replicas in {held}, owed: {replicas}"
    for region, metadata in told.items():
        kind = metadata["MultiRegionConfiguration"]["MultiRegionKeyType"]
        assert kind == ("PRIMARY" if region == primary else "REPLICA")
        assert metadata["KeyState"] == "Enabled"
        assert metadata["Arn"].split(":")[3] == region


def _check_ciphertexts(cluster: Cluster, ledger: Ledger, key_id: str) -> None:
    check_cryptography(cluster, key_id, owing(ledger, key_id))


def _describe(cluster: Cluster, region: str, key_id: str) -> Any:
    try:
        return cluster.kms(region).describe_key(KeyId=key_id)["KeyMetadata"]
    except HTTPClientError:  # a kept connection to the node that was killed
        return cluster.kms(region).describe_key(KeyId=key_id)["KeyMetadata"]


def _shared(metadata: Any) -> dict[str, Any]:
    """What related keys have in common (kms-semantics part a)."""
    configuration = metadata["MultiRegionConfiguration"]
    return {
        "key": metadata["KeyId"],
        "material": metadata["CurrentKeyMaterialId"],
        "spec": metadata["KeySpec"],
        "usage": metadata["KeyUsage"],
        "origin": metadata["Origin"],
        "primary": configuration["PrimaryKey"],
        "replicas": configuration["ReplicaKeys"],
    }

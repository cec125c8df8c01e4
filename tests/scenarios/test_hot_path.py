"""Crypto calls touch neither SQL nor Redis (decision D10); a cold key costs one read of the store.

After a warm-up every verb of the store, every call of the driver and every verb of every stream
raises. The region goes on replicating, which fails and is tried again; whatever needs the store is
a fault; and crypto calls answer all the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from node.store.inline_sqlite import Connection
from node.store.sql import SqlStore
from tests.scenarios.client import Kms, refused
from tests.scenarios.network import Link
from tests.scenarios.region import REGIONS, Regions

HOME, NEAR, FAR = REGIONS
CONTEXT = {"tenant": "one"}
COLD = "1234abcd-12ab-34cd-56ef-1234567890ab"
DRIVER = ("__init__", "rows", "first", "value", "run", "run_many", "snapshot", "transaction")


class Touched(Exception):
    """The store, its driver or a stream was used."""


@contextmanager
def out_of_reach(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Nobody can use store, driver or streams inside the block. Tells what was tried."""
    tried: list[str] = []

    def raising(what: str) -> Callable[..., Any]:
        def touched(*_: Any, **__: Any) -> Any:
            tried.append(what)
            raise Touched(what)

        return touched

    with monkeypatch.context() as patched:
        for kind in (SqlStore, Link):
            for name in _public(kind):
                patched.setattr(kind, name, raising(name))
        for name in DRIVER:
            patched.setattr(Connection, name, raising(f"driver: {name}"))
        yield tried


def _public(kind: type[Any]) -> list[str]:
    return [name for name, _ in inspect.getmembers(kind, callable) if not name.startswith("_")]


def test_crypto_calls_touch_neither_sql_nor_streams(
    regions: Regions, monkeypatch: pytest.MonkeyPatch
) -> None:
    kms = regions[HOME].kms
    related, single, name = kms.key(MultiRegion=True), kms.key(), "alias/warm"
    kms("CreateAlias", AliasName=name, TargetKeyId=related)
    kms("ReplicateKey", KeyId=related, ReplicaRegion=NEAR)
    regions.settle()
    forms = (related, kms.arn(related), name, kms.alias_arn(name), single, kms.arn(single))
    everything(kms, forms)
    with out_of_reach(monkeypatch) as tried:
        for _ in range(3):
            everything(kms, forms)
        for operation, members in (("ListKeys", {}), ("DescribeKey", {"KeyId": COLD})):
            with refused("KMSInternalException", ""):
                kms(operation, **members)
        regions.work_until(lambda: {"cursor", "log_head"} <= {*tried})
        everything(kms, forms)
    assert len(kms("ListKeys")["Keys"]) == 2
    kms("ReplicateKey", KeyId=related, ReplicaRegion=FAR)
    regions.settle()
    assert regions[FAR].kms.decrypt(kms.encrypt(related)) == b"attack at dawn"


def everything(kms: Kms, forms: tuple[str, ...]) -> None:
    """Every operation of the hot path, with every form of key, and its refusals."""
    for form in forms:
        blob = kms.encrypt(form, EncryptionContext=CONTEXT)
        assert kms.decrypt(blob, EncryptionContext=CONTEXT) == b"attack at dawn"
        assert kms.decrypt(blob, KeyId=form, EncryptionContext=CONTEXT) == b"attack at dawn"
        with refused("InvalidCiphertextException"):
            kms.decrypt(blob)
        made = kms("GenerateDataKey", KeyId=form, KeySpec="AES_256")
        assert kms.decrypt(made["CiphertextBlob"]) == made["Plaintext"]
        hidden = kms("GenerateDataKeyWithoutPlaintext", KeyId=form, NumberOfBytes=64)
        moved = kms("ReEncrypt", CiphertextBlob=hidden["CiphertextBlob"], DestinationKeyId=forms[0])
        assert len(kms.decrypt(moved["CiphertextBlob"])) == 64
        assert kms("DescribeKey", KeyId=form)["KeyMetadata"]["Enabled"]
        with refused("DryRunOperationException"):
            kms.encrypt(form, DryRun=True)
    assert len(kms("GenerateRandom", NumberOfBytes=32)["Plaintext"]) == 32


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The verbs of the store that were used, in order."""
    used: list[str] = []

    def noting(name: str, verb: Any) -> Any:
        def noted(*arguments: Any, **named: Any) -> Any:
            used.append(name)
            return verb(*arguments, **named)

        return noted

    for name in _public(SqlStore):
        monkeypatch.setattr(SqlStore, name, noting(name, getattr(SqlStore, name)))
    return used


def test_what_is_cold_costs_one_read_each(tmp_path: Path, reads: list[str]) -> None:
    """A node that was just started: an access key, an alias and a key, once each."""
    first = Regions(tmp_path, [HOME])
    kms = first[HOME].kms
    related, single = kms.key(MultiRegion=True), kms.key()
    kms("CreateAlias", AliasName="alias/cold", TargetKeyId=related)
    blobs = [kms.encrypt(related), kms.encrypt(single)]
    first.close()
    again = Regions(tmp_path, [HOME])
    try:
        _count(again[HOME].kms, reads, related, blobs)
    finally:
        again.close()


def _count(kms: Kms, reads: list[str], related: str, blobs: list[bytes]) -> None:
    steps: list[tuple[str, dict[str, Any], list[str]]] = [
        (
            "GenerateRandom",
            {"NumberOfBytes": 1},
            ["read_credential", "read_identity_policies", "read_facts"],
        ),
        ("Encrypt", {"KeyId": "alias/cold", "Plaintext": b"x"}, ["read_alias", "read_key"]),
        ("Encrypt", {"KeyId": "alias/cold", "Plaintext": b"x"}, []),
        ("Decrypt", {"CiphertextBlob": blobs[0]}, []),
        ("GenerateDataKey", {"KeyId": related, "KeySpec": "AES_256"}, []),
        ("Decrypt", {"CiphertextBlob": blobs[1]}, ["read_key"]),
        ("Decrypt", {"CiphertextBlob": blobs[1]}, []),
    ]
    for operation, members, expected in steps:
        reads.clear()
        kms(operation, **members)
        assert reads == expected, operation


def test_a_change_is_seen_by_the_next_call(shared_regions: Regions, reads: list[str]) -> None:
    """And costs the hot path nothing: the writer has read the key again before it answered."""
    kms = shared_regions[FAR].kms
    key_id = kms.key()
    blob = kms.encrypt(key_id)
    for _ in range(3):
        kms("DisableKey", KeyId=key_id)
        reads.clear()
        with refused("DisabledException"):
            kms.decrypt(blob)
        assert "read_key" not in reads
        kms("EnableKey", KeyId=key_id)
        reads.clear()
        kms.decrypt(blob)
        assert "read_key" not in reads

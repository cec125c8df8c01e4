"""Regions whose stores differ find out by themselves, and mend it (anti-entropy)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import msgpack
import pytest

from node.assembly import Region
from replication.facts import Fact
from tests.scenarios.boto import boto3_clock
from tests.scenarios.client import refused
from tests.scenarios.iam import client, iam_of, made_user, policy
from tests.scenarios.region import REGIONS, Regions
from tests.scenarios.test_replicas import replicated

__all__ = ["boto3_clock"]

HOME, NEAR, FAR = REGIONS

Damage = Callable[[sqlite3.Connection, str], Any]


def compare(regions: Regions, *names: str) -> None:
    """Every region named, or all, tells each of its digests twice: that of the directory and that
    of its keys. All that follows from them happens.
    """

    async def tell(region: Region) -> bool:
        return await region.comparison.tell()

    for name in 4 * (names or REGIONS):
        assert regions[name].run(tell)
        regions.settle(passing_seconds=0.1)


def repairs(regions: Regions) -> int:
    return sum(
        peer["repairs"] for each in regions.values() for peer in each.kms.status()["peers"].values()
    )


def differing(regions: Regions) -> int:
    return sum(
        peer["differing"]
        for each in regions.values()
        for peer in each.kms.status()["peers"].values()
    )


def damaged(regions: Regions, name: str, key_id: str, damage: Damage) -> None:
    """Change a region's store behind its back, as a bad disk or a wrong hand would."""
    with (
        regions.stopped(name) as settings,
        closing(sqlite3.connect(settings.store_file)) as database,
        database,
    ):
        damage(database, key_id)
    regions.settle()


def lose_key(database: sqlite3.Connection, key_id: str) -> None:
    for table in ("aliases", "materials", "keys"):
        database.execute(f"DELETE FROM {table} WHERE key_id = ?", (key_id,))  # noqa: S608


def lose_material(database: sqlite3.Connection, key_id: str) -> None:
    database.execute("DELETE FROM materials WHERE key_id = ? AND position = 0", (key_id,))


def change_period(database: sqlite3.Connection, key_id: str) -> None:
    """Another value at the same version: nobody could tell from the version."""
    (packed,) = database.execute("SELECT shared FROM keys WHERE key_id = ?", (key_id,)).fetchone()
    shared = msgpack.unpackb(packed)
    shared["materials"]["period_days"] = 2000
    statement = "UPDATE keys SET shared = ? WHERE key_id = ?"
    database.execute(statement, (msgpack.packb(shared), key_id))


def test_regions_that_hold_the_same_say_so_and_do_nothing(regions: Regions) -> None:
    replicated(regions, NEAR, FAR)
    compare(regions)
    assert (repairs(regions), differing(regions)) == (0, 0)
    peers = regions[NEAR].kms.status()["peers"]
    assert peers[HOME]["alike_at"] is not None


def test_changes_under_way_are_no_difference(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    regions[HOME].kms("EnableKeyRotation", KeyId=key_id)
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    compare(regions, HOME, NEAR, FAR)
    regions[HOME].kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=NEAR)
    compare(regions, NEAR, HOME, FAR)
    assert (repairs(regions), differing(regions)) == (0, 0)


def lose_facts(database: sqlite3.Connection, kept: str) -> None:
    assert database.execute("DELETE FROM facts WHERE fact NOT LIKE ?", (f"{kept}%",)).rowcount


def change_facts(database: sqlite3.Connection, kept: str) -> None:
    """Another value under the same stamp: as if each had been taken back."""
    statement = "UPDATE facts SET value = NULL WHERE fact NOT LIKE ?"
    assert database.execute(statement, (f"{kept}%",)).rowcount


def facts(regions: Regions, name: str) -> Sequence[Fact]:
    async def all_facts(region: Region) -> Sequence[Fact]:
        async with region.store.replica_transaction() as transaction:
            return await transaction.all_facts()

    return regions[name].run(all_facts)


@pytest.mark.usefixtures("boto3_clock")
@pytest.mark.parametrize("damage", [lose_facts, change_facts])
def test_what_a_region_lost_of_the_directory_comes_back(regions: Regions, damage: Damage) -> None:
    credential = made_user(iam_of(regions[HOME].kms), "alice", policy("Allow", "kms:*"))
    regions.settle()
    before = facts(regions, HOME)
    damaged(regions, NEAR, "sessions", damage)
    with refused("UnrecognizedClientException"):
        client(regions[NEAR], credential)("ListKeys")
    compare(regions)
    assert repairs(regions)
    client(regions[NEAR], credential)("ListKeys")
    compare(regions)
    assert differing(regions) == 0
    assert before == facts(regions, HOME) == facts(regions, NEAR) == facts(regions, FAR)


def test_a_lost_replica_comes_back(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    blob = regions[HOME].kms.encrypt(key_id)
    damaged(regions, NEAR, key_id, lose_key)
    with refused("NotFoundException"):
        regions[NEAR].kms.metadata(key_id)
    compare(regions, HOME)
    assert regions[NEAR].kms.decrypt(blob) == b"attack at dawn"
    assert repairs(regions) == 1
    compare(regions)
    assert differing(regions) == 0


def test_a_lost_material_comes_back(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    old = regions[HOME].kms.encrypt(key_id)
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    damaged(regions, NEAR, key_id, lose_material)
    compare(regions, HOME)
    assert regions[NEAR].kms.decrypt(old) == b"attack at dawn"
    compare(regions)
    assert differing(regions) == 0


def test_a_lost_primary_comes_back_from_its_replicas(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    blob = regions[NEAR].kms.encrypt(key_id)
    damaged(regions, HOME, key_id, lose_key)
    compare(regions, NEAR, FAR)
    assert regions[HOME].kms.decrypt(blob) == b"attack at dawn"
    compare(regions)
    compare(regions)
    assert differing(regions) == 0
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)


def test_another_value_at_the_same_version_is_settled_by_the_primary(regions: Regions) -> None:
    """Whichever side was damaged: the primary makes a new version, which everybody takes over."""
    for victim in (NEAR, HOME):
        key_id = replicated(regions, NEAR, FAR)
        damaged(regions, victim, key_id, change_period)
        compare(regions)
        compare(regions)
        assert differing(regions) == 0
        periods = {regions[name].stored(key_id).materials.period_days for name in (HOME, NEAR, FAR)}
        assert len(periods) == 1


def test_an_administrator_sees_what_differs(regions: Regions) -> None:
    key_id = replicated(regions, NEAR)
    rows = [
        regions[name].kms.admin("ListHoldings", region=peer, after="directory")["holdings"]
        for name, peer in ((HOME, NEAR), (NEAR, HOME))
    ]
    assert rows[0] == rows[1] != []
    assert [each["name"] for each in rows[0]] == [key_id]
    assert regions[HOME].kms.admin("ListHoldings", region=FAR, after="directory")["holdings"] == []
    directory = regions[HOME].kms.admin("ListHoldings", region=FAR)
    assert all(each["name"].startswith("directory/") for each in directory["holdings"])
    assert directory["next"] == "directory"
    for operation in ("ListHoldings", "RequestResync"):
        with refused("UnsupportedOperationException", "mars-1 is no peer of us-east-1."):
            regions[HOME].kms.admin(operation, region="mars-1")

"""Regions whose stores differ find out by themselves, and mend it (anti-entropy)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import msgpack

from node.assembly import Region
from tests.scenarios.client import refused
from tests.scenarios.region import REGIONS, Regions
from tests.scenarios.test_replicas import replicated

HOME, NEAR, FAR = REGIONS

Damage = Callable[[sqlite3.Connection, str], Any]


def compare(regions: Regions, *names: str) -> None:
    """Every region named, or all, tells its digests twice; all that follows from them happens."""

    async def tell(region: Region) -> bool:
        told = await region.comparison.tell()
        region.replication.wake()
        return told

    for name in 2 * (names or REGIONS):
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
    with regions.stopped(name) as settings:
        path = settings.store_url.removeprefix("sqlite+aiosqlite:///")
        with closing(sqlite3.connect(path)) as database, database:
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


def test_a_region_that_holds_no_related_key_tells_nothing(regions: Regions) -> None:
    regions[HOME].kms.key()
    assert not regions[HOME].run(lambda region: region.comparison.tell())


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
        regions[name].kms.admin("ListHoldings", region=peer)["holdings"]
        for name, peer in ((HOME, NEAR), (NEAR, HOME))
    ]
    assert rows[0] == rows[1] != []
    assert [each["key_id"] for each in rows[0]] == [key_id]
    assert regions[HOME].kms.admin("ListHoldings", region=FAR)["holdings"] == []
    for operation in ("ListHoldings", "RequestResync"):
        with refused("UnsupportedOperationException", "mars-1 is no peer of us-east-1."):
            regions[HOME].kms.admin(operation, region="mars-1")

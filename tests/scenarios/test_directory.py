"""Facts of the directory in three regions: changed anywhere, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from node.assembly import Region
from replication.directory import FactChange
from replication.facts import Fact
from tests.scenarios.region import REGIONS, Regions

HOME, NEAR, FAR = REGIONS


def change(regions: Regions, name: str, *changes: FactChange) -> None:
    async def changing(region: Region) -> None:
        async with region.store.transaction() as transaction:
            await region.directory.change(transaction, changes)

    regions[name].run(changing)


def known(regions: Regions, name: str) -> Mapping[tuple[str, ...], Fact]:
    async def reading(region: Region) -> Mapping[tuple[str, ...], Fact]:
        async with region.store.transaction() as transaction:
            return {each.key: each for each in await transaction.all_facts()}

    return regions[name].run(reading)


def alice(value: bytes | None, secret: bytes | None = None) -> FactChange:
    return FactChange(("user", "alice"), value, secret)


def test_a_fact_made_anywhere_is_everywhere_with_its_secret(regions: Regions) -> None:
    change(regions, NEAR, alice(b"made", b"hidden"), FactChange(("user", "bob"), b"made"))
    regions.settle()
    assert known(regions, HOME) == known(regions, NEAR) == known(regions, FAR)
    assert known(regions, FAR)["user", "alice"].secret == b"hidden"
    change(regions, FAR, alice(None))
    regions.settle()
    assert known(regions, HOME)["user", "alice"].value is None
    assert known(regions, HOME) == known(regions, NEAR) == known(regions, FAR)


def test_regions_that_were_apart_end_alike(regions: Regions) -> None:
    change(regions, HOME, alice(b"before"))
    regions.settle()
    regions.network.away = {FAR}
    regions.clock.move(seconds=5)
    change(regions, HOME, alice(b"here"), FactChange(("user", "bob"), b"here"))
    regions.clock.move(seconds=5)
    change(regions, FAR, alice(b"there"), FactChange(("user", "carol"), b"there"))
    regions.settle()
    regions.network.away = set()
    regions.settle()
    assert known(regions, HOME) == known(regions, NEAR) == known(regions, FAR)
    values = {key[1]: fact.value for key, fact in known(regions, NEAR).items()}
    assert values == {"alice": b"there", "bob": b"here", "carol": b"there"}


def test_a_region_that_lost_its_store_is_told_everything(regions: Regions) -> None:
    changes = [FactChange(("user", str(number)), b"made", b"hidden") for number in range(40)]
    change(regions, HOME, *changes, alice(b"made"))
    change(regions, NEAR, alice(None))
    regions.settle()
    before = known(regions, HOME)
    with regions.stopped(FAR) as settings:
        store = settings.store_file
        for each in store.parent.glob(f"{store.name}*"):
            each.unlink()
    regions.settle(passing_seconds=0.1)
    assert known(regions, FAR) == before
    assert len(before) == 41


def test_what_a_lost_region_told_one_region_is_told_to_the_others(regions: Regions) -> None:
    """The region that made a change is gone for good before the third one heard of it."""
    regions.network.away = {FAR}
    change(regions, HOME, alice(b"made", b"hidden"))
    regions.settle()
    regions.network.away = {HOME}
    regions.settle()
    assert known(regions, FAR)["user", "alice"].value == b"made"
    assert known(regions, FAR)["user", "alice"].secret == b"hidden"
    regions.network.away = set()
    regions.settle()
    assert known(regions, HOME) == known(regions, NEAR) == known(regions, FAR)

"""A region is restored from an old backup: it catches up, and does no harm as what it was then."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.sealing import RootKey, RootKeyRing
from node.backup.restore import Restored, WrongBackup, restore_backup
from node.backup.store_file import InUse
from node.backup.take import take_backup
from node.settings import NodeSettings
from tests.scenarios.client import refused
from tests.scenarios.region import DAY_SECONDS, REGIONS, START, Regions
from tests.scenarios.test_replica_life import delete_replica
from tests.scenarios.test_replicas import replicated

HOME, NEAR, FAR = REGIONS


def _silent(done: int, whole: int) -> None:
    assert 0 < done <= whole


def backed_up(regions: Regions, name: str, target: Path) -> Path:
    """Back the region up while it serves."""
    settings = regions[name].region.settings
    take_backup(settings, target, regions.clock.now(), os.urandom, _silent)
    return target


def restored(regions: Regions, name: str, backup: Path) -> Restored:
    """Stop the region, put the backup back, start it, and let everybody settle."""
    with regions.stopped(name) as settings:
        done = put_back(regions, settings, backup)
    meet(regions)
    return done


def meet(regions: Regions) -> None:
    """Settle after a log began anew: readers try the old one for a while before they ask."""
    regions.settle(passing_seconds=0.1)


def put_back(regions: Regions, settings: NodeSettings, backup: Path) -> Restored:
    return asyncio.run(restore_backup(settings, backup, regions.clock, os.urandom, _silent))


def stored(folder: Path) -> Sequence[str]:
    return sorted(each.name for each in folder.iterdir())


def promote(regions: Regions, to: str) -> None:
    """Promote by force, as `keyspan failover --from HOME --all` does."""
    regions[to].kms.admin("Promote", from_region=HOME, key_ids=None, dry_run=False)
    regions.settle()


def test_everything_of_the_region_is_as_it_was(regions: Regions, tmp_path: Path) -> None:
    kms = regions[HOME].kms
    key_id = kms.key(Description="kept")
    kms("CreateAlias", AliasName="alias/kept", TargetKeyId=key_id)
    blob = kms.encrypt(key_id)
    backup = backed_up(regions, HOME, tmp_path / "backup")
    later = kms.key()
    kms("DeleteAlias", AliasName="alias/kept")
    done = restored(regions, HOME, backup)
    kms = regions[HOME].kms
    assert kms.decrypt(blob) == b"attack at dawn"
    assert kms.metadata("alias/kept")["Description"] == "kept"
    with refused("NotFoundException"):
        kms.metadata(later)
    assert (done.keys, done.postponed, done.head.taken) == (1, 0, int(START))
    assert done.aside is not None
    assert done.aside.exists()


def test_a_restored_primary_leads_nothing_that_another_leads_by_now(
    regions: Regions, tmp_path: Path
) -> None:
    key_id = replicated(regions, NEAR, FAR)
    before = regions[HOME].kms.encrypt(key_id)
    backup = backed_up(regions, HOME, tmp_path / "backup")
    with regions.stopped(HOME) as settings:
        promote(regions, NEAR)
        regions[NEAR].kms.admin("EvictRegion", region=HOME)
        regions[NEAR].kms("RotateKeyOnDemand", KeyId=key_id)
        regions.settle()
        meanwhile = regions[FAR].kms.encrypt(key_id)
        put_back(regions, settings, backup)
    meet(regions)
    home = regions[HOME].kms
    assert home.metadata(key_id)["MultiRegionConfiguration"]["PrimaryKey"]["Region"] == NEAR
    for blob in (before, meanwhile, home.encrypt(key_id)):
        for name in REGIONS:
            assert regions[name].kms.decrypt(blob) == b"attack at dawn"
    with refused("UnsupportedOperationException"):
        home("RotateKeyOnDemand", KeyId=key_id)


def test_what_the_restored_region_says_before_it_has_heard_is_no_news(
    regions: Regions, tmp_path: Path
) -> None:
    """It rotates a key that it no longer leads, cut off, and then meets the others."""
    key_id = replicated(regions, NEAR, FAR)
    backup = backed_up(regions, HOME, tmp_path / "backup")
    with regions.stopped(HOME) as settings:
        promote(regions, NEAR)
        put_back(regions, settings, backup)
    regions.network.away = {HOME}
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    old = regions[HOME].kms.encrypt(key_id)
    regions.network.away = set()
    meet(regions)
    for name in (HOME, FAR):
        shown = regions[name].kms.metadata(key_id)["MultiRegionConfiguration"]
        assert shown["PrimaryKey"]["Region"] == NEAR
        assert regions[name].kms.decrypt(old) == b"attack at dawn"
    materials = {regions[name].kms.metadata(key_id)["CurrentKeyMaterialId"] for name in REGIONS}
    assert len(materials) == 1


def test_related_keys_get_what_they_missed(regions: Regions, tmp_path: Path) -> None:
    key_id = replicated(regions, NEAR)
    backup = backed_up(regions, NEAR, tmp_path / "backup")
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    other = replicated(regions, NEAR)
    rotated = regions[HOME].kms.encrypt(key_id)
    fresh = regions[HOME].kms.encrypt(other)
    restored(regions, NEAR, backup)
    assert regions[NEAR].kms.decrypt(rotated) == b"attack at dawn"
    assert regions[NEAR].kms.decrypt(fresh) == b"attack at dawn"


def test_no_deletion_of_an_old_schedule_is_carried_out_at_once(
    regions: Regions, tmp_path: Path
) -> None:
    kms = regions[HOME].kms
    key_id = kms.key()
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    backup = backed_up(regions, HOME, tmp_path / "backup")
    kms("CancelKeyDeletion", KeyId=key_id)
    regions.clock.move(days=30)
    done = restored(regions, HOME, backup)
    assert done.postponed == 1
    assert regions[HOME].step_schedule() == 0
    date = regions[HOME].kms.metadata(key_id)["DeletionDate"]
    assert date == pytest.approx(regions.clock.now() + 7 * DAY_SECONDS)
    regions[HOME].kms("CancelKeyDeletion", KeyId=key_id)


def test_a_replica_deleted_since_is_in_nobodys_way(regions: Regions, tmp_path: Path) -> None:
    key_id = replicated(regions, NEAR, FAR)
    backup = backed_up(regions, NEAR, tmp_path / "backup")
    delete_replica(regions, key_id, NEAR)
    restored(regions, NEAR, backup)
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    blob = regions[HOME].kms.encrypt(key_id)
    assert regions[FAR].kms.decrypt(blob) == b"attack at dawn"
    status = regions[HOME].kms("GetKeyRotationStatus", KeyId=key_id)
    assert "OnDemandRotationStartDate" not in status


def test_a_store_that_is_in_use_is_left_alone(regions: Regions, tmp_path: Path) -> None:
    key_id = regions[HOME].kms.key()
    backup = backed_up(regions, HOME, tmp_path / "backup")
    with pytest.raises(InUse):
        put_back(regions, regions[HOME].region.settings, backup)
    regions[HOME].kms.metadata(key_id)


def test_a_wrong_file_changes_nothing(regions: Regions, tmp_path: Path) -> None:
    key_id = regions[HOME].kms.key()
    backup = backed_up(regions, HOME, tmp_path / "backup")
    whole = backup.read_bytes()
    damaged, cut, other = (tmp_path / name for name in ("damaged", "cut", "other"))
    damaged.write_bytes(whole[:300] + bytes([whole[300] ^ 1]) + whole[301:])
    cut.write_bytes(whole[:-1])
    other.write_bytes(b"SQLite format 3\x00")
    foreign = backed_up(regions, NEAR, tmp_path / "foreign")
    with regions.stopped(HOME) as settings:
        folder = settings.store_file.parent
        before = stored(folder)
        for file in (damaged, cut, other):
            with pytest.raises(WrongBackup, match="is no backup, is damaged, or was sealed under"):
                put_back(regions, settings, file)
        with pytest.raises(WrongBackup, match=f"is a backup of {NEAR}, not of {HOME}"):
            put_back(regions, settings, foreign)
        strange = replace(settings, root_keys=RootKeyRing([RootKey.generate(os.urandom)]))
        with pytest.raises(WrongBackup, match="sealed under a root key that is not among"):
            put_back(regions, strange, backup)
        assert stored(folder) == before
    regions[HOME].kms.metadata(key_id)


def test_a_backup_replaces_no_file_and_hides_no_secret(regions: Regions, tmp_path: Path) -> None:
    backup = backed_up(regions, HOME, tmp_path / "backup")
    with pytest.raises(FileExistsError):
        backed_up(regions, HOME, backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert b"SQLite" not in backup.read_bytes()
    assert stored(tmp_path) == ["backup"]

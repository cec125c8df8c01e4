"""The whole life of related keys: regions that are away, deletions in every order, new replicas."""

from __future__ import annotations

import pytest

from tests.scenarios.client import refused
from tests.scenarios.region import DAY_SECONDS, REGIONS, Regions, RegionUnderTest
from tests.scenarios.test_replicas import configuration, replicated

HOME, NEAR, FAR = REGIONS


def delete_replica(regions: Regions, key_id: str, region: str) -> None:
    """Schedule a replica's deletion, let its window pass, and tell everyone."""
    regions[region].kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    regions.clock.move(days=7)
    assert regions[region].step_schedule() == 1
    regions.settle()


def test_a_replica_arrives_when_its_region_comes_back(regions: Regions) -> None:
    """ReplicateKey does not need the other region: the offer waits in the log."""
    home, near = regions[HOME].kms, regions[NEAR].kms
    regions.network.away = {NEAR}
    key_id = home.key(MultiRegion=True)
    answer = home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
    assert answer["ReplicaKeyMetadata"]["KeyState"] == "Creating"
    home("ReplicateKey", KeyId=key_id, ReplicaRegion=FAR)
    blob = home.encrypt(key_id)
    regions.settle()
    assert regions[FAR].kms.decrypt(blob) == b"attack at dawn"
    with refused("NotFoundException", f"Key '{near.arn(key_id)}' does not exist"):
        near.metadata(key_id)
    shown = configuration(home, key_id, "PRIMARY", NEAR, FAR)
    assert home.metadata(key_id)["MultiRegionConfiguration"] == shown
    regions.network.away = set()
    regions.settle()
    assert near.decrypt(blob) == b"attack at dawn"
    assert near.metadata(key_id)["MultiRegionConfiguration"] == configuration(
        near, key_id, "REPLICA", NEAR, FAR
    )


def test_a_region_that_is_cut_off_goes_on_working(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    for name in REGIONS:
        regions.network.away = {name}
        here = regions[name].kms
        assert here.decrypt(here.encrypt(key_id)) == b"attack at dawn"
        assert here.decrypt(here.encrypt(here.key())) == b"attack at dawn"
    regions.network.away = set()
    regions.settle()


def test_a_deleted_replica_leaves_the_set(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    delete_replica(regions, key_id, NEAR)
    near = regions[NEAR].kms
    with refused("NotFoundException", f"Key '{near.arn(key_id)}' does not exist"):
        near.metadata(key_id)
    for name, kind in ((HOME, "PRIMARY"), (FAR, "REPLICA")):
        kms = regions[name].kms
        assert kms.metadata(key_id)["MultiRegionConfiguration"] == configuration(
            kms, key_id, kind, FAR
        )
        assert kms.metadata(key_id)["KeyState"] == "Enabled"


def test_a_new_replica_opens_what_the_old_one_encrypted(regions: Regions) -> None:
    key_id = replicated(regions, NEAR)
    home, near = regions[HOME].kms, regions[NEAR].kms
    near("CreateAlias", AliasName="alias/old", TargetKeyId=key_id)
    near("UpdateKeyDescription", KeyId=key_id, Description="old")
    blob = near.encrypt(key_id, EncryptionContext={"made": "before"})
    delete_replica(regions, key_id, NEAR)
    with refused("AccessDeniedException"):
        near.decrypt(blob, EncryptionContext={"made": "before"})
    for _ in range(2):
        home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
        regions.settle()
        assert near.decrypt(blob, EncryptionContext={"made": "before"}) == b"attack at dawn"
        assert near.metadata(key_id)["Description"] == ""
        with refused("NotFoundException"):
            near.metadata("alias/old")
        delete_replica(regions, key_id, NEAR)


def test_a_replica_that_waits_to_be_deleted_blocks_a_new_one(regions: Regions) -> None:
    key_id = replicated(regions, NEAR)
    home, near = regions[HOME].kms, regions[NEAR].kms
    near("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    with refused("AlreadyExistsException", f"{home.arn(key_id, NEAR)} already exists."):
        home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
    regions.clock.move(days=7)
    regions[NEAR].step_schedule()
    regions.settle()
    home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)


def test_a_primary_waits_for_its_replicas_and_then_its_own_window(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    primary = regions[HOME]
    blob = primary.kms.encrypt(key_id)
    answer = primary.kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=8)
    assert answer == {
        "KeyId": primary.kms.arn(key_id),
        "KeyState": "PendingReplicaDeletion",
        "PendingWindowInDays": 8,
    }
    _waits(primary, key_id, 8)
    text = f"{primary.kms.arn(key_id)} is pending replica deletion."
    for operation, members in (
        ("Decrypt", {"CiphertextBlob": blob}),
        ("ReplicateKey", {"KeyId": key_id, "ReplicaRegion": NEAR}),
        ("ScheduleKeyDeletion", {"KeyId": key_id}),
    ):
        with refused("KMSInvalidStateException", text):
            primary.kms(operation, **members)
    regions.clock.move(days=1000)
    assert primary.step_schedule() == 0
    for name in (NEAR, FAR):
        assert regions[name].kms.decrypt(blob) == b"attack at dawn"
    delete_replica(regions, key_id, NEAR)
    _waits(primary, key_id, 8)
    delete_replica(regions, key_id, FAR)
    metadata = primary.kms.metadata(key_id)
    assert metadata["KeyState"] == "PendingDeletion"
    assert metadata["DeletionDate"] == regions.clock.now() + 8 * DAY_SECONDS
    assert "PendingDeletionWindowInDays" not in metadata
    assert metadata["MultiRegionConfiguration"]["ReplicaKeys"] == []
    regions.clock.move(days=8)
    assert primary.step_schedule() == 1
    with refused("NotFoundException"):
        primary.kms.metadata(key_id)


def _waits(primary: RegionUnderTest, key_id: str, days: int) -> None:
    metadata = primary.kms.metadata(key_id)
    assert metadata["KeyState"] == "PendingReplicaDeletion"
    assert metadata["PendingDeletionWindowInDays"] == days
    assert "DeletionDate" not in metadata
    assert metadata["Enabled"] is False


@pytest.mark.parametrize("replicas_left", [1, 0])
def test_a_waiting_primary_can_be_kept(regions: Regions, replicas_left: int) -> None:
    key_id = replicated(regions, NEAR)
    home = regions[HOME].kms
    home("ScheduleKeyDeletion", KeyId=key_id)
    if not replicas_left:
        delete_replica(regions, key_id, NEAR)
        assert home.metadata(key_id)["KeyState"] == "PendingDeletion"
    home("CancelKeyDeletion", KeyId=key_id)
    metadata = home.metadata(key_id)
    assert metadata["KeyState"] == "Disabled"
    assert not {"DeletionDate", "PendingDeletionWindowInDays"} & {*metadata}
    if replicas_left:
        delete_replica(regions, key_id, NEAR)
    assert home.metadata(key_id)["KeyState"] == "Disabled"
    regions.clock.move(days=1000)
    assert regions[HOME].step_schedule() == 0


def test_a_replica_that_is_kept_keeps_its_primary_waiting(regions: Regions) -> None:
    key_id = replicated(regions, NEAR)
    home, near = regions[HOME].kms, regions[NEAR].kms
    home("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    near("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    regions.clock.move(days=6)
    near("CancelKeyDeletion", KeyId=key_id)
    regions.clock.move(days=100)
    assert regions[NEAR].step_schedule() == 0
    regions.settle()
    _waits(regions[HOME], key_id, 7)


def test_a_deletion_is_heard_when_the_primary_s_region_comes_back(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    home = regions[HOME].kms
    regions.network.away = {HOME}
    delete_replica(regions, key_id, NEAR)
    shown = home.metadata(key_id)["MultiRegionConfiguration"]
    assert shown == configuration(home, key_id, "PRIMARY", NEAR, FAR)
    regions.network.away = set()
    regions.settle()
    for name, kind in ((HOME, "PRIMARY"), (FAR, "REPLICA")):
        kms = regions[name].kms
        assert kms.metadata(key_id)["MultiRegionConfiguration"] == configuration(
            kms, key_id, kind, FAR
        )


def test_replicas_outlive_a_primary_s_region(regions: Regions) -> None:
    """A replica works without its primary for as long as it is away, restarts aside."""
    key_id = replicated(regions, NEAR, FAR)
    blob = regions[HOME].kms.encrypt(key_id)
    regions.network.away = {HOME}
    regions.clock.move(days=365)
    for name in (NEAR, FAR):
        kms = regions[name].kms
        assert kms.decrypt(blob) == b"attack at dawn"
        made = kms("GenerateDataKey", KeyId=key_id, KeySpec="AES_256")
        for other in (NEAR, FAR):
            assert regions[other].kms.decrypt(made["CiphertextBlob"]) == made["Plaintext"]
    regions.network.away = set()
    regions.settle()

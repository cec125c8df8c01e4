"""Rotation, automatic and on demand, as the KMS API reference has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.client import Kms, refused
from tests.scenarios.region import START, Regions, RegionUnderTest

DAY = 86_400.0
MINUTE = 60.0
OTHERS = (
    ("RSA_2048", "ENCRYPT_DECRYPT"),
    ("ECC_NIST_P256", "SIGN_VERIFY"),
    ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
)
OPERATIONS = (
    "EnableKeyRotation",
    "DisableKeyRotation",
    "GetKeyRotationStatus",
    "RotateKeyOnDemand",
    "ListKeyRotations",
)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[RegionUnderTest]:
    """A region of a test's own, as its clock is moved."""
    regions = Regions(tmp_path, ("us-east-1",))
    yield regions["us-east-1"]
    regions.close()


def current(kms: Kms, key_id: str) -> str:
    return str(kms.metadata(key_id)["CurrentKeyMaterialId"])


@pytest.mark.parametrize("multi_region", [False, True])
def test_it_is_off_until_it_is_enabled(kms: Kms, multi_region: bool) -> None:
    key_id = kms.key(MultiRegion=multi_region)
    off = {"KeyId": key_id, "KeyRotationEnabled": False}
    assert kms("GetKeyRotationStatus", KeyId=key_id) == off
    assert kms("EnableKeyRotation", KeyId=key_id) == {}
    assert kms("GetKeyRotationStatus", KeyId=kms.arn(key_id)) == {
        "KeyId": key_id,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 365,
        "NextRotationDate": START + 365 * DAY,
    }
    for _ in range(2):
        assert kms("DisableKeyRotation", KeyId=key_id) == {}
        assert kms("GetKeyRotationStatus", KeyId=key_id) == off


@pytest.mark.parametrize("days", [90, 365, 2560])
def test_a_period_of_ones_own(kms: Kms, days: int) -> None:
    key_id = kms.key()
    kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=days)
    status = kms("GetKeyRotationStatus", KeyId=key_id)
    assert status["RotationPeriodInDays"] == days
    assert status["NextRotationDate"] == START + days * DAY


@pytest.mark.parametrize(
    ("days", "bound"),
    [
        (89, "greater than or equal to 90"),
        (0, "greater than or equal to 90"),
        (2561, "less than or equal to 2560"),
    ],
)
def test_a_period_out_of_bounds(kms: Kms, days: int, bound: str) -> None:
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy "
        f"constraint: Member must have value {bound}",
    ):
        kms("EnableKeyRotation", KeyId=kms.key(), RotationPeriodInDays=days)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("spec", "usage"), OTHERS)
def test_only_symmetric_encryption_keys_rotate(
    kms: Kms, operation: str, spec: str, usage: str
) -> None:
    with refused("UnsupportedOperationException", ""):
        kms(operation, KeyId=kms.key(KeySpec=spec, KeyUsage=usage))


def test_it_happens_when_it_is_due_and_again(fresh: RegionUnderTest) -> None:
    kms, clock = fresh.kms, fresh.clock
    key_id = kms.key()
    kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    blobs, materials = [kms.encrypt(key_id)], [current(kms, key_id)]
    for _ in range(3):
        clock.move(days=89)
        assert fresh.step_schedule() == 0
        clock.move(days=1)
        assert fresh.step_schedule() == 1
        blobs.append(kms.encrypt(key_id))
        materials.append(current(kms, key_id))
        status = kms("GetKeyRotationStatus", KeyId=key_id)
        assert status["NextRotationDate"] == clock.now() + 90 * DAY
    assert len(set(materials)) == 4
    for blob, material in zip(blobs, materials, strict=True):
        answer = kms("Decrypt", CiphertextBlob=blob)
        assert (answer["Plaintext"], answer["KeyMaterialId"]) == (b"attack at dawn", material)
    rotations = kms("ListKeyRotations", KeyId=key_id)["Rotations"]
    assert [each["KeyMaterialId"] for each in rotations] == materials[1:]
    assert [each["RotationDate"] for each in rotations] == [
        START + number * 90 * DAY for number in (1, 2, 3)
    ]
    assert {each["RotationType"] for each in rotations} == {"AUTOMATIC"}


def test_a_disabled_key_waits_and_then_rotates_at_once(fresh: RegionUnderTest) -> None:
    kms = fresh.kms
    key_id = kms.key()
    kms("EnableKeyRotation", KeyId=key_id)
    before = current(kms, key_id)
    kms("DisableKey", KeyId=key_id)
    assert kms("GetKeyRotationStatus", KeyId=key_id)["KeyRotationEnabled"] is True
    fresh.clock.move(days=400)
    assert fresh.step_schedule() == 0
    assert current(kms, key_id) == before
    kms("EnableKey", KeyId=key_id)
    assert fresh.step_schedule() == 1
    assert current(kms, key_id) != before


def test_while_a_key_is_pending_deletion_its_rotation_is_off(fresh: RegionUnderTest) -> None:
    kms = fresh.kms
    key_id = kms.key()
    kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
    before = kms("GetKeyRotationStatus", KeyId=key_id)
    kms("ScheduleKeyDeletion", KeyId=key_id)
    off = {"KeyId": key_id, "KeyRotationEnabled": False}
    assert kms("GetKeyRotationStatus", KeyId=key_id) == off
    kms("CancelKeyDeletion", KeyId=key_id)
    assert kms("GetKeyRotationStatus", KeyId=key_id) == before


def test_on_demand_and_the_automatic_schedule_do_not_meet(fresh: RegionUnderTest) -> None:
    kms = fresh.kms
    key_id = kms.key()
    kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    due = kms("GetKeyRotationStatus", KeyId=key_id)["NextRotationDate"]
    fresh.clock.move(days=30)
    assert kms("RotateKeyOnDemand", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
    assert kms("GetKeyRotationStatus", KeyId=key_id)["NextRotationDate"] == due
    fresh.clock.move(days=60, seconds=-21 * MINUTE)
    kms("RotateKeyOnDemand", KeyId=key_id)
    fresh.clock.move(seconds=1 * MINUTE)
    conflict = f"An automatic rotation of {kms.arn(key_id)} begins within the next 20 minutes."
    for _ in range(3):  # 20 minutes before, 10 minutes before, when it is due
        with refused("ConflictException", conflict):
            kms("RotateKeyOnDemand", KeyId=key_id)
        fresh.clock.move(seconds=10 * MINUTE)
    fresh.step_schedule()
    kms("RotateKeyOnDemand", KeyId=key_id)
    types = [each["RotationType"] for each in kms("ListKeyRotations", KeyId=key_id)["Rotations"]]
    assert types == ["ON_DEMAND", "ON_DEMAND", "AUTOMATIC", "ON_DEMAND"]


def test_twenty_five_times_on_demand_and_no_more(kms: Kms) -> None:
    key_id = kms.key()
    first = kms.encrypt(key_id)
    for _ in range(25):
        kms("RotateKeyOnDemand", KeyId=key_id)
    with refused(
        "LimitExceededException",
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
        f"rotations can be performed for this key: {kms.arn(key_id)}",
    ):
        kms("RotateKeyOnDemand", KeyId=key_id)
    assert kms.decrypt(first) == b"attack at dawn"
    assert len(kms("ListKeyRotations", KeyId=key_id)["Rotations"]) == 25


def test_all_materials_are_listed_when_they_are_asked_for(kms: Kms) -> None:
    key_id = kms.key()
    first = current(kms, key_id)
    assert kms("ListKeyRotations", KeyId=key_id) == {"Rotations": [], "Truncated": False}
    kms("RotateKeyOnDemand", KeyId=key_id)
    old, new = kms("ListKeyRotations", KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")[
        "Rotations"
    ]
    assert old == {"KeyId": key_id, "KeyMaterialId": first, "KeyMaterialState": "NON_CURRENT"}
    assert new == {
        "KeyId": key_id,
        "KeyMaterialId": current(kms, key_id),
        "KeyMaterialState": "CURRENT",
        "RotationDate": START,
        "RotationType": "ON_DEMAND",
    }
    only = kms("ListKeyRotations", KeyId=key_id, IncludeKeyMaterial="ROTATIONS_ONLY")
    assert only["Rotations"] == [new]


def test_a_rotation_that_waits_for_a_region_says_since_when(regions: Regions) -> None:
    kms, away = regions["us-east-1"].kms, regions["eu-west-1"].kms
    key_id = kms.key(MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    regions.settle()
    before = current(kms, key_id)
    regions.network.away.add("eu-west-1")
    kms("RotateKeyOnDemand", KeyId=key_id)
    status = kms("GetKeyRotationStatus", KeyId=key_id)
    assert status["OnDemandRotationStartDate"] == START
    assert current(kms, key_id) == before
    assert kms.status()["waiting"] == [
        {
            "key_id": key_id,
            "kind": "rotation",
            "rotation_type": "ON_DEMAND",
            "since": START,
            "regions": ["eu-west-1"],
        }
    ]
    with refused("ConflictException", f"A rotation of {kms.arn(key_id)} is in progress."):
        kms("RotateKeyOnDemand", KeyId=key_id)
    regions.network.away.clear()
    regions.work_until(lambda: current(kms, key_id) != before)
    regions.settle()
    assert "OnDemandRotationStartDate" not in kms("GetKeyRotationStatus", KeyId=key_id)
    assert current(away, key_id) == current(kms, key_id)
    assert kms.status()["waiting"] == []


def test_an_automatic_rotation_that_waits_shows_by_its_date(regions: Regions) -> None:
    """GetKeyRotationStatus has no start date for it: NextRotationDate stays what it was."""
    kms, near = regions["us-east-1"].kms, "eu-west-1"
    key_id = kms.key(MultiRegion=True)
    for each in (near, "ap-southeast-2"):
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=each)
    kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    regions.settle()
    with regions.stopped(near):
        regions.clock.move(days=91)
        regions["us-east-1"].step_schedule()
        regions.work_until(
            lambda: [each["regions"] for each in kms.status()["waiting"]] == [[near]]
        )
        (waits,) = kms.status()["waiting"]
        assert (waits["rotation_type"], waits["since"]) == ("AUTOMATIC", START + 91 * DAY)
        for asked in (kms, regions["ap-southeast-2"].kms):
            status = asked("GetKeyRotationStatus", KeyId=key_id)
            assert status["NextRotationDate"] == START + 90 * DAY
            assert "OnDemandRotationStartDate" not in status
        assert regions["ap-southeast-2"].kms.status()["waiting"] == []  # it leads nothing
        kms.admin("EvictRegion", region=near)
        regions.work_until(lambda: kms.status()["waiting"] == [])
        status = kms("GetKeyRotationStatus", KeyId=key_id)
        assert status["NextRotationDate"] == START + 181 * DAY


def test_a_handover_that_waits_says_for_whom_and_since_when(regions: Regions) -> None:
    kms = regions["us-east-1"].kms
    key_id = kms.key(MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    regions.settle()
    regions.network.away = {"eu-west-1"}
    regions.clock.move(seconds=60)
    kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion="eu-west-1")
    (waits,) = kms.status()["waiting"]
    assert waits == {
        "key_id": key_id,
        "kind": "handover",
        "rotation_type": None,
        "since": START + 60,
        "regions": ["eu-west-1"],
    }
    regions.network.away = set()
    regions.settle()
    regions.work_until(lambda: kms.status()["waiting"] == [])


@pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation"])
def test_a_replica_is_rotated_by_its_primary(shared_regions: Regions, operation: str) -> None:
    kms, away = shared_regions["us-east-1"].kms, shared_regions["eu-west-1"].kms
    key_id = kms.key(MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    shared_regions.settle()
    with refused(
        "UnsupportedOperationException",
        f"{away.arn(key_id)} is not a multi-region primary key.",
    ):
        away(operation, KeyId=key_id)
    kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
    shared_regions.settle()
    here, there = (each("GetKeyRotationStatus", KeyId=key_id) for each in (kms, away))
    assert here == there

"""ScheduleKeyDeletion and CancelKeyDeletion on a clock that is moved, and the deletion itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.model.key import KeyState
from node.schedule import KEYS_OF_A_STEP
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import DAY_SECONDS, RegionUnderTest


@pytest.fixture(autouse=True)
def _nothing_is_left_pending(region: RegionUnderTest) -> Iterator[None]:
    yield
    region.clock.move(days=31)
    while region.step_schedule():
        pass


@pytest.mark.parametrize("multi_region", [True, False])
@pytest.mark.parametrize("days", [None, 7, 30])
def test_a_window_is_obeyed_to_the_second(
    region: RegionUnderTest, kms: Kms, days: int | None, multi_region: bool
) -> None:
    key_id = kms.key(MultiRegion=multi_region)
    wish = {} if days is None else {"PendingWindowInDays": days}
    due = region.clock.now() + (days or 30) * DAY_SECONDS
    assert kms("ScheduleKeyDeletion", KeyId=key_id, **wish) == {
        "KeyId": kms.arn(key_id),
        "DeletionDate": due,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": days or 30,
    }
    metadata = kms.metadata(key_id)
    assert (metadata["KeyState"], metadata["DeletionDate"]) == ("PendingDeletion", due)
    assert metadata["Enabled"] is False
    assert "PendingDeletionWindowInDays" not in metadata
    region.clock.move(seconds=(days or 30) * DAY_SECONDS - 1)
    assert region.step_schedule() == 0
    assert kms.metadata(key_id)["KeyState"] == "PendingDeletion"
    region.clock.move(seconds=1)
    assert region.step_schedule() == 1
    with refused("NotFoundException", f"Key '{kms.arn(key_id)}' does not exist"):
        kms.metadata(key_id)
    assert region.step_schedule() == 0


@pytest.mark.parametrize(
    ("days", "bound"),
    [
        (0, "greater than or equal to 1"),
        (6, "greater than or equal to 7"),
        (31, "less than or equal to 30"),
        (366, "less than or equal to 365"),
    ],
)
def test_a_window_has_seven_to_thirty_days(kms: Kms, days: int, bound: str) -> None:
    key_id = kms.key()
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy "
        f"constraint: Member must have value {bound}",
    ):
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=days)
    assert kms.metadata(key_id)["KeyState"] == "Enabled"


def test_cancelling_leaves_the_key_disabled(region: RegionUnderTest, kms: Kms) -> None:
    key_id = kms.key()
    blob = kms.encrypt(key_id)
    kms("ScheduleKeyDeletion", KeyId=key_id)
    with refused("KMSInvalidStateException", f"{kms.arn(key_id)} is pending deletion."):
        kms.decrypt(blob)
    region.clock.move(days=29)
    assert kms("CancelKeyDeletion", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
    metadata = kms.metadata(key_id)
    assert metadata["KeyState"] == "Disabled"
    assert not {"DeletionDate", "PendingDeletionWindowInDays"} & {*metadata}
    region.clock.move(days=400)
    assert region.step_schedule() == 0
    kms("EnableKey", KeyId=key_id)
    assert kms.decrypt(blob) == b"attack at dawn"


def test_a_second_window_begins_anew(region: RegionUnderTest, kms: Kms) -> None:
    key_id = kms.key()
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    with refused("KMSInvalidStateException", f"{kms.arn(key_id)} is pending deletion."):
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=30)
    kms("CancelKeyDeletion", KeyId=key_id)
    region.clock.move(days=6)
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    region.clock.move(days=6)
    assert region.step_schedule() == 0
    region.clock.move(days=1)
    assert region.step_schedule() == 1


def test_only_a_pending_deletion_can_be_cancelled(kms: Kms) -> None:
    key_id = kms.key()
    text = f"{kms.arn(key_id)} is not pending deletion (or pending replica deletion)."
    for operation in ("EnableKey", "DisableKey"):
        kms(operation, KeyId=key_id)
        with refused("KMSInvalidStateException", text):
            kms("CancelKeyDeletion", KeyId=key_id)


def test_a_disabled_key_can_be_deleted(region: RegionUnderTest, kms: Kms) -> None:
    key_id = kms.key()
    kms("DisableKey", KeyId=key_id)
    kms("ScheduleKeyDeletion", KeyId=key_id)
    region.clock.move(days=30)
    assert region.step_schedule() == 1


def test_what_was_due_during_a_standstill_is_done_in_steps(
    region: RegionUnderTest, kms: Kms
) -> None:
    """A node that was away for long deletes what is due, some keys a step, and no other."""
    going = [kms.key() for _ in range(KEYS_OF_A_STEP + 3)]
    stays = kms.key()
    for number, key_id in enumerate(going):
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7 + number % 3)
    region.clock.move(days=100)
    assert [region.step_schedule() for _ in range(3)] == [KEYS_OF_A_STEP, 3, 0]
    assert region.stored(stays).state is KeyState.ENABLED
    held = {each["KeyId"] for each in kms("ListKeys", Limit=1000)["Keys"]}
    assert not held & {*going}


def test_keys_that_are_due_later_stay(region: RegionUnderTest, kms: Kms) -> None:
    soon, later = kms.key(), kms.key()
    kms("ScheduleKeyDeletion", KeyId=later, PendingWindowInDays=30)
    kms("ScheduleKeyDeletion", KeyId=soon, PendingWindowInDays=7)
    region.clock.move(days=8)
    assert region.step_schedule() == 1
    assert kms.metadata(later)["KeyState"] == "PendingDeletion"


def test_deleted_material_is_not_in_the_store_any_more(region: RegionUnderTest, kms: Kms) -> None:
    key_id = kms.key()
    kms("ScheduleKeyDeletion", KeyId=key_id)
    region.clock.move(days=30)
    region.step_schedule()
    assert region.run(lambda inner: inner.store.read_key(key_id)) is None

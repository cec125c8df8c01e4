"""Every operation in every key state, asked of a region: the table of kms-semantics part b."""

from __future__ import annotations

import pytest

from node.model.errors import Disabled
from node.model.key import KeyState
from tests.scenarios.calls import call, key_for, members_for
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import START, RegionUnderTest
from tests.unit.model.test_state import CELLS, NOTES

WITHOUT_A_KEY = {"DeleteAlias"}
PENDING = {
    KeyState.PENDING_DELETION: {"deletion_date": START + 1e9},
    KeyState.PENDING_REPLICA_DELETION: {"pending_window_days": 7},
}


@pytest.mark.parametrize(
    ("operation", "state", "note"), [cell for cell in CELLS if cell[0] not in WITHOUT_A_KEY]
)
def test_each_operation_in_each_state(
    region: RegionUnderTest, kms: Kms, operation: str, state: KeyState, note: str
) -> None:
    key_id = key_for(operation, kms)
    members = members_for(operation, kms, key_id)
    region.alter(key_id, state=state, **PENDING.get(state, {}))
    if note == "-":
        call(operation, kms, key_id, members)
        return
    error, text = NOTES[note]
    name = "DisabledException" if error is Disabled else "KMSInvalidStateException"
    with refused(name, f"{kms.arn(key_id)} {text}"):
        call(operation, kms, key_id, members)
    assert region.stored(key_id).state is state


@pytest.mark.parametrize("state", KeyState)
def test_an_alias_can_be_deleted_in_every_state(
    region: RegionUnderTest, kms: Kms, state: KeyState
) -> None:
    name = f"alias/{state}"
    key_id = kms.key()
    kms("CreateAlias", AliasName=name, TargetKeyId=key_id)
    region.alter(key_id, state=state, **PENDING.get(state, {}))
    kms("DeleteAlias", AliasName=name)


def test_the_state_of_a_source_key_counts_too(region: RegionUnderTest, kms: Kms) -> None:
    source, destination = kms.key(), kms.key()
    blob = kms.encrypt(source)
    kms("DisableKey", KeyId=source)
    with refused("DisabledException", f"{kms.arn(source)} is disabled."):
        kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=destination)


@pytest.mark.parametrize("state", KeyState)
def test_a_key_is_enabled_in_the_state_enabled_alone(
    region: RegionUnderTest, kms: Kms, state: KeyState
) -> None:
    key_id = kms.key()
    region.alter(key_id, state=state, **PENDING.get(state, {}))
    metadata = kms.metadata(key_id)
    assert (metadata["KeyState"], metadata["Enabled"]) == (state.value, state is KeyState.ENABLED)
    assert ("CurrentKeyMaterialId" in metadata) is (state is not KeyState.CREATING)


def test_a_disabled_key_works_again_once_enabled(kms: Kms) -> None:
    key_id = kms.key()
    blob = kms.encrypt(key_id)
    for _ in range(2):
        kms("DisableKey", KeyId=key_id)
        kms("DisableKey", KeyId=key_id)  # twice is as good as once
        with refused("DisabledException", f"{kms.arn(key_id)} is disabled."):
            kms.decrypt(blob)
        kms("EnableKey", KeyId=key_id)
        kms("EnableKey", KeyId=key_id)
        assert kms.decrypt(blob) == b"attack at dawn"


def test_a_description_is_replaced(kms: Kms) -> None:
    key_id = kms.key(Description="first")
    for description in ("second", "", "x" * 8192):
        assert kms("UpdateKeyDescription", KeyId=key_id, Description=description) == {}
        assert kms.metadata(key_id)["Description"] == description
    with refused("ValidationException"):
        kms("UpdateKeyDescription", KeyId=key_id, Description="x" * 8193)
    with refused("ValidationException"):
        kms("UpdateKeyDescription", KeyId=key_id)

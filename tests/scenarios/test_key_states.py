"""Every operation in every key state, asked of a region: the table of kms-semantics part b."""

from __future__ import annotations

from typing import Any

import pytest

from node.model.errors import Disabled
from node.model.key import KeyState
from tests.scenarios.calls import KEYS, call, key_for, members_for
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import START, Regions, RegionUnderTest
from tests.unit.model.test_state import CELLS, NOTES

WITHOUT_A_KEY = {"DeleteAlias"}
PENDING: dict[KeyState, dict[str, Any]] = {
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


IMPORTING = {"DeleteImportedKeyMaterial", "GetParametersForImport", "ImportKeyMaterial"}
NEEDS_A_WORKING_KEY = {  # what they are called with is made with the key itself
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "ReEncrypt",
    "Verify",
    "VerifyMac",
}


def leading_to(state: KeyState, regions: Regions, keys: list[str]) -> None:
    """Bring multi-Region keys that have a replica into a state, by what operations do."""
    kms = regions["us-east-1"].kms
    if state is KeyState.UPDATING:
        regions.network.away.add("eu-west-1")  # so that it lasts
    for key_id in keys:
        match state:
            case KeyState.DISABLED:
                kms("DisableKey", KeyId=key_id)
            case KeyState.PENDING_REPLICA_DELETION:
                kms("ScheduleKeyDeletion", KeyId=key_id)
            case KeyState.UPDATING:
                kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion="eu-west-1")
        assert kms.metadata(key_id)["KeyState"] == state.value


@pytest.mark.parametrize(
    "state", [KeyState.DISABLED, KeyState.PENDING_REPLICA_DELETION, KeyState.UPDATING]
)
def test_states_that_operations_lead_to(regions: Regions, state: KeyState) -> None:
    """Every refusal again, of keys that came into the state as keys do."""
    region = regions["us-east-1"]
    kms = region.kms
    refusals = {
        operation: note
        for operation, reached, note in CELLS
        if reached is state and note != "-" and operation not in WITHOUT_A_KEY | IMPORTING
    }
    keys = {each: kms.key(**{**KEYS.get(each, {}), "MultiRegion": True}) for each in refusals}
    for key_id in keys.values():
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    members = {each: members_for(each, kms, key_id) for each, key_id in keys.items()}
    regions.settle()
    leading_to(state, regions, list(keys.values()))
    for operation, note in refusals.items():
        error, text = NOTES[note]
        name = "DisabledException" if error is Disabled else "KMSInvalidStateException"
        with refused(name, f"{kms.arn(keys[operation])} {text}"):
            call(operation, kms, keys[operation], members[operation])
        assert region.stored(keys[operation]).state is state


def test_a_key_that_awaits_its_material(region: RegionUnderTest, kms: Kms) -> None:
    for operation, state, note in CELLS:
        if state is not KeyState.PENDING_IMPORT or operation in NEEDS_A_WORKING_KEY:
            continue
        if note == "-" or operation in ("UpdatePrimaryRegion", "CreateGrant"):
            continue
        key_id = kms.key(**{**KEYS.get(operation, {}), "Origin": "EXTERNAL"})
        members = members_for(operation, kms, key_id)
        error, text = NOTES[note]
        assert error is not Disabled
        with refused("KMSInvalidStateException", f"{kms.arn(key_id)} {text}"):
            call(operation, kms, key_id, members)


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

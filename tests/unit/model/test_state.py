"""The state table against a second copy of it, typed anew from kms-semantics part b."""

from __future__ import annotations

import pytest

from node.model.errors import Disabled, InvalidState, KmsError
from node.model.key import KeyState
from node.model.state import STATE_TABLE, check_state
from tests.unit.model.keys import key
from tests.wire.model import MODEL, SERVED, input_shape

COLUMNS = (
    KeyState.ENABLED,
    KeyState.DISABLED,
    KeyState.PENDING_DELETION,
    KeyState.PENDING_REPLICA_DELETION,
    KeyState.PENDING_IMPORT,
    KeyState.UNAVAILABLE,
    KeyState.CREATING,
    KeyState.UPDATING,
)

# "-": allowed. A number: refused with that note. "3r": note 3 for a key that waits for its
# replicas. "n/a": KMS's table has no such case (custom key stores have no multi-Region keys).
TABLE = """
    CancelKeyDeletion                4   4   -   -   4   4   4   4
    CreateAlias                      -   -   3   3r  -   -   -   -
    CreateGrant                      -   1   3   3r  5   -   14  -
    Encrypt                          -   1   3   3r  5   11  14  -
    Decrypt                          -   1   3   3r  5   11  14  -
    ReEncrypt                        -   1   3   3r  5   11  14  -
    GenerateDataKey                  -   1   3   3r  5   11  14  -
    GenerateDataKeyWithoutPlaintext  -   1   3   3r  5   11  14  -
    GenerateDataKeyPair              -   1   3   3r  5   11  14  -
    GenerateDataKeyPairWithoutPlaintext -   1   3   3r  5   11  14  -
    Sign                             -   1   3   3r  5   n/a 14  -
    Verify                           -   1   3   3r  5   n/a 14  -
    GenerateMac                      -   1   3   3r  5   n/a 14  -
    VerifyMac                        -   1   3   3r  5   n/a 14  -
    GetPublicKey                     -   1   3   3r  5   n/a 14  -
    DeriveSharedSecret               -   1   3   3r  5   n/a 14  -
    Encapsulate                      -   1   3   3r  5   n/a 14  -
    Decapsulate                      -   1   3   3r  5   n/a 14  -
    DeleteAlias                      -   -   -   -   -   -   -   -
    DeleteImportedKeyMaterial        -   -   -   -   -   n/a 14  15
    GetParametersForImport           -   -   3   3r  -   n/a 14  15
    ImportKeyMaterial                -   -   3   3r  -   n/a 14  -
    DescribeKey                      -   -   -   -   -   -   -   -
    GetKeyLastUsage                  -   -   -   -   -   -   -   -
    GetKeyPolicy                     -   -   -   -   -   -   -   -
    ListGrants                       -   -   -   -   -   -   -   -
    ListKeyPolicies                  -   -   -   -   -   -   -   -
    PutKeyPolicy                     -   -   -   -   -   -   -   -
    RetireGrant                      -   -   -   -   -   -   -   -
    RevokeGrant                      -   -   -   -   -   -   -   -
    ListAliases                      -   -   -   -   -   -   -   -
    ListResourceTags                 -   -   -   -   -   -   -   -
    EnableKey                        -   -   3   3r  5   -   14  15
    DisableKey                       -   -   3   3r  5   -   14  15
    ReplicateKey                     -   1   3   3r  5   n/a 14  15
    ScheduleKeyDeletion              -   -   3   3r  -   -   -   15
    TagResource                      -   -   3   3r  -   -   -   -
    UntagResource                    -   -   3   3r  -   -   -   -
    UpdateKeyDescription             -   -   3   3r  -   -   -   -
    UpdateAlias                      -   -   3   3r  -   -   -   -
    EnableKeyRotation                -   1   3   3r  n/a n/a 14  -
    DisableKeyRotation               -   1   3   3r  n/a n/a 14  -
    GetKeyRotationStatus             -   -   -   -   -   -   -   -
    ListKeyRotations                 -   -   -   -   -   -   -   -
    RotateKeyOnDemand                -   1   3   3r  5   n/a 14  -
    UpdatePrimaryRegion              -   1   3   3r  5   n/a 14  -
"""
NOTES: dict[str, tuple[type[KmsError], str]] = {
    "1": (Disabled, "is disabled."),
    "3": (InvalidState, "is pending deletion."),
    "3r": (InvalidState, "is pending replica deletion."),
    "4": (InvalidState, "is not pending deletion (or pending replica deletion)."),
    "5": (InvalidState, "is pending import."),
    "11": (InvalidState, "is unavailable."),
    "14": (InvalidState, "is creating."),
    "15": (InvalidState, "is updating."),
}
ROWS = {operation: notes for operation, *notes in map(str.split, TABLE.strip().splitlines())}
CELLS = [
    (operation, state, note)
    for operation, notes in ROWS.items()
    for state, note in zip(COLUMNS, notes, strict=True)
    if note != "n/a"
]


KEY_MEMBERS = {"KeyId", "TargetKeyId", "DestinationKeyId", "SourceKeyId"}
ON_A_KEY = {
    name
    for name in SERVED
    if MODEL.operation_model(name).input_shape and KEY_MEMBERS & set(input_shape(name).members)
}


def test_the_copy_has_every_state_and_every_operation() -> None:
    assert set(COLUMNS) == set(KeyState)
    assert set(ROWS) == set(STATE_TABLE)


def test_every_operation_that_takes_a_key_has_a_row() -> None:
    """By the model; DeleteAlias reaches its key through the alias."""
    assert set(ROWS) == ON_A_KEY | {"DeleteAlias"}
    assert set(MODEL.shape_for("KeyState").enum) == {state.value for state in KeyState}


@pytest.mark.parametrize(("operation", "state", "note"), CELLS)
def test_each_operation_in_each_state(operation: str, state: KeyState, note: str) -> None:
    subject = key(state)
    if note == "-":
        check_state(operation, subject)
        return
    error, text = NOTES[note]
    with pytest.raises(KmsError) as refused:
        check_state(operation, subject)
    assert type(refused.value) is error
    assert refused.value.message == f"{subject.arn} {text}"


def test_an_operation_without_a_row_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        check_state("MakeCoffee", key())

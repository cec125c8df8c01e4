"""What each operation may do in each key state: one table, enforced in one place.

Source: KMS Developer Guide, "Key states of AWS KMS keys" (kms-semantics part b, its note numbers).
An operation or a state that is not in a row is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from node.model.errors import Disabled, InvalidState, KmsError
from node.model.key import Key, KeyState


@dataclass(frozen=True, slots=True)
class StateRefusal:
    """The error of a state: its type, and the text after the key ARN."""

    error: type[KmsError]
    text: str


DISABLED: Final = StateRefusal(Disabled, "is disabled.")  # note 1
PENDING_DELETION: Final = StateRefusal(InvalidState, "is pending deletion.")  # note 3
PENDING_REPLICA_DELETION: Final = StateRefusal(  # note 3
    InvalidState, "is pending replica deletion."
)
NOT_PENDING_DELETION: Final = StateRefusal(  # note 4
    InvalidState, "is not pending deletion (or pending replica deletion)."
)
PENDING_IMPORT: Final = StateRefusal(InvalidState, "is pending import.")  # note 5
UNAVAILABLE: Final = StateRefusal(InvalidState, "is unavailable.")  # note 11
CREATING: Final = StateRefusal(InvalidState, "is creating.")  # note 14
UPDATING: Final = StateRefusal(InvalidState, "is updating.")  # note 15

Row = Mapping[KeyState, StateRefusal]

_GOING: Final[Row] = {
    KeyState.PENDING_DELETION: PENDING_DELETION,
    KeyState.PENDING_REPLICA_DELETION: PENDING_REPLICA_DELETION,
}
_USE: Final[Row] = {
    **_GOING,
    KeyState.DISABLED: DISABLED,
    KeyState.PENDING_IMPORT: PENDING_IMPORT,
    KeyState.UNAVAILABLE: UNAVAILABLE,
    KeyState.CREATING: CREATING,
}
_SWITCH: Final[Row] = {
    **_GOING,
    KeyState.PENDING_IMPORT: PENDING_IMPORT,
    KeyState.CREATING: CREATING,
    KeyState.UPDATING: UPDATING,
}
_REPLICATE: Final[Row] = {
    **_GOING,
    KeyState.DISABLED: DISABLED,
    KeyState.PENDING_IMPORT: PENDING_IMPORT,
    KeyState.CREATING: CREATING,
    KeyState.UPDATING: UPDATING,
}
_ROTATE: Final[Row] = {
    **_GOING,
    KeyState.DISABLED: DISABLED,
    KeyState.PENDING_IMPORT: PENDING_IMPORT,
    KeyState.CREATING: CREATING,
}
_IMPORT: Final[Row] = {**_GOING, KeyState.CREATING: CREATING}  # of a key with EXTERNAL origin
_IMPORT_PARAMETERS: Final[Row] = {**_IMPORT, KeyState.UPDATING: UPDATING}
_DELETE_IMPORTED: Final[Row] = {KeyState.CREATING: CREATING, KeyState.UPDATING: UPDATING}
_SCHEDULE: Final[Row] = {**_GOING, KeyState.UPDATING: UPDATING}
_CANCEL: Final[Row] = {state: NOT_PENDING_DELETION for state in KeyState if state not in _GOING}

STATE_TABLE: Final[Mapping[str, Row]] = {
    "CancelKeyDeletion": _CANCEL,
    "CreateAlias": _GOING,
    "CreateGrant": {state: why for state, why in _USE.items() if why is not UNAVAILABLE},
    "Decapsulate": _USE,
    "Decrypt": _USE,
    "DeleteAlias": {},
    "DeleteImportedKeyMaterial": _DELETE_IMPORTED,
    "DeriveSharedSecret": _USE,
    "DescribeKey": {},
    "DisableKey": _SWITCH,
    "DisableKeyRotation": _ROTATE,
    "EnableKey": _SWITCH,
    "EnableKeyRotation": _ROTATE,
    "Encapsulate": _USE,
    "Encrypt": _USE,
    "GenerateDataKey": _USE,
    "GenerateDataKeyPair": _USE,
    "GenerateDataKeyPairWithoutPlaintext": _USE,
    "GenerateDataKeyWithoutPlaintext": _USE,
    "GenerateMac": _USE,
    "GetKeyRotationStatus": {},
    "GetKeyLastUsage": {},
    "GetKeyPolicy": {},
    "GetParametersForImport": _IMPORT_PARAMETERS,
    "GetPublicKey": _USE,
    "ImportKeyMaterial": _IMPORT,
    "ListAliases": {},
    "ListGrants": {},
    "ListKeyPolicies": {},
    "ListKeyRotations": {},
    "ListResourceTags": {},
    "PutKeyPolicy": {},
    "ReEncrypt": _USE,
    "ReplicateKey": _REPLICATE,
    "RotateKeyOnDemand": _ROTATE,
    "RetireGrant": {},
    "RevokeGrant": {},
    "ScheduleKeyDeletion": _SCHEDULE,
    "Sign": _USE,
    "TagResource": _GOING,
    "UntagResource": _GOING,
    "UpdateAlias": _GOING,
    "UpdateKeyDescription": _GOING,
    "UpdatePrimaryRegion": _ROTATE,
    "Verify": _USE,
    "VerifyMac": _USE,
}


def check_state(operation: str, key: Key) -> None:
    """Raise KMS's error if `operation` is not allowed in the key's state."""
    refusal = STATE_TABLE[operation].get(key.state)
    if refusal is not None:
        raise refusal.error(f"{key.arn} {refusal.text}")

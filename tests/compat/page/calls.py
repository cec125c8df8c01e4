"""Which calls are made for each operation, and what is added to them from the model alone.

Members that mean the same everywhere (DryRun, GrantTokens, Recipient, Limit, Marker) are added to
an operation's first call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

from tests.compat.page.asks import (
    access,
    encryption,
    importing,
    keys,
    names,
    rotation,
    signatures,
    stores,
)
from tests.compat.page.asks.common import TAGS, Calls, of_a_key
from tests.compat.page.ground import Ground
from tests.compat.page.recorder import Note, Recorder
from tests.wire.model import MODEL, input_shape

Maker: TypeAlias = Callable[[Ground], Calls]

CALLS: Mapping[str, Maker] = {
    "CancelKeyDeletion": keys.cancel_key_deletion,
    "ConnectCustomKeyStore": stores.of_a_store,
    "CreateAlias": names.create_alias,
    "CreateCustomKeyStore": stores.create_custom_key_store,
    "CreateGrant": access.create_grant,
    "CreateKey": keys.create_key,
    "Decapsulate": signatures.decapsulate,
    "Decrypt": encryption.decrypt,
    "DeleteAlias": names.delete_alias,
    "DeleteCustomKeyStore": stores.of_a_store,
    "DeleteImportedKeyMaterial": importing.delete_imported_key_material,
    "DeriveSharedSecret": signatures.derive_shared_secret,
    "DescribeCustomKeyStores": stores.describe_custom_key_stores,
    "DescribeKey": keys.describe_key,
    "DisableKey": of_a_key,
    "DisableKeyRotation": of_a_key,
    "DisconnectCustomKeyStore": stores.of_a_store,
    "EnableKey": keys.enable_key,
    "EnableKeyRotation": rotation.enable_key_rotation,
    "Encapsulate": signatures.encapsulate,
    "Encrypt": encryption.encrypt,
    "GenerateDataKey": partial(encryption.generate_data_key, operation="GenerateDataKey"),
    "GenerateDataKeyPair": partial(
        encryption.generate_data_key_pair, operation="GenerateDataKeyPair"
    ),
    "GenerateDataKeyPairWithoutPlaintext": partial(
        encryption.generate_data_key_pair, operation="GenerateDataKeyPairWithoutPlaintext"
    ),
    "GenerateDataKeyWithoutPlaintext": partial(
        encryption.generate_data_key, operation="GenerateDataKeyWithoutPlaintext"
    ),
    "GenerateMac": signatures.generate_mac,
    "GenerateRandom": encryption.generate_random,
    "GetKeyLastUsage": of_a_key,
    "GetKeyPolicy": access.get_key_policy,
    "GetKeyRotationStatus": rotation.get_key_rotation_status,
    "GetParametersForImport": importing.get_parameters_for_import,
    "GetPublicKey": keys.get_public_key,
    "ImportKeyMaterial": importing.import_key_material,
    "ListAliases": names.list_aliases,
    "ListGrants": access.list_grants,
    "ListKeyPolicies": of_a_key,
    "ListKeyRotations": rotation.list_key_rotations,
    "ListKeys": keys.list_keys,
    "ListResourceTags": names.list_resource_tags,
    "ListRetirableGrants": access.list_retirable_grants,
    "PutKeyPolicy": access.put_key_policy,
    "ReEncrypt": encryption.re_encrypt,
    "ReplicateKey": keys.replicate_key,
    "RetireGrant": access.retire_grant,
    "RevokeGrant": access.revoke_grant,
    "RotateKeyOnDemand": of_a_key,
    "ScheduleKeyDeletion": keys.schedule_key_deletion,
    "Sign": signatures.sign,
    "TagResource": partial(of_a_key, Tags=TAGS),
    "UntagResource": partial(of_a_key, TagKeys=["colour"]),
    "UpdateAlias": names.update_alias,
    "UpdateCustomKeyStore": stores.update_custom_key_store,
    "UpdateKeyDescription": partial(of_a_key, Description="another"),
    "UpdatePrimaryRegion": keys.update_primary_region,
    "Verify": signatures.verify,
    "VerifyMac": signatures.verify_mac,
}


def ask_everything(on: Ground, recorder: Recorder, tell: Callable[[str], None]) -> None:
    """Makes every call of every operation of the model. `tell` is told of each operation."""
    for operation in MODEL.operation_names:
        tell(operation)
        _ask(on, recorder, operation)


def _ask(on: Ground, recorder: Recorder, operation: str) -> None:
    first: Note | None = None
    for members in CALLS[operation](on):
        note = recorder.call(on.kms, operation, members)
        on.settle()
        first = first or note
    assert first is not None, f"no call is made of {operation}"
    for members in _added(on, recorder, first):
        recorder.call(on.kms, operation, members)


def _added(on: Ground, recorder: Recorder, first: Note) -> Iterator[dict[str, Any]]:
    """The first call again, with each member that the model has in many operations."""
    members = input_shape(first.operation).members
    given = dict(first.given)
    if "DryRun" in members:
        yield {**given, "DryRun": True}
    if "GrantTokens" in members:
        yield {**given, "GrantTokens": _tokens(on, first)}
    if "Recipient" in members:
        yield {**given, "Recipient": encryption.DOCUMENT}
    if "Limit" in members:
        yield {**given, "Limit": 1}
        marker = recorder.notes[-1].answer.get("NextMarker")
        yield {**given, "Limit": 1, "Marker": marker or "a marker"}


def _tokens(on: Ground, note: Note) -> list[str]:
    """The token of a grant on the call's key for the call's operation; any text where there is
    none.
    """
    key = note.given.get("KeyId") or note.given.get("DestinationKeyId") or on.symmetric
    granted = {note.operation.replace("ReEncrypt", "ReEncryptTo")}
    if granted == {"CreateGrant"}:
        granted.add("Decrypt")  # CreateGrant is not granted alone
    token = on.grant(key, *sorted(granted)).get("GrantToken")
    return [token or "a token"]

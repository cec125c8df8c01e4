"""KeyMetadata, as DescribeKey, CreateKey and ReplicateKey answer with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, cast, get_args

from crypto.specs import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    GENERATE_VERIFY_MAC,
    KEY_AGREEMENT,
    SIGN_VERIFY,
)
from node.model.arn import key_arn
from node.model.imports import earliest
from node.model.key import Key, KeyState
from node.wire.shapes import types
from node.wire.shapes.structures import KeyMetadata, MultiRegionConfiguration, MultiRegionKey

_ALGORITHMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ENCAPSULATE_DECAPSULATE: "encapsulation_algorithms",
        ENCRYPT_DECRYPT: "encryption_algorithms",
        GENERATE_VERIFY_MAC: "mac_algorithms",
        KEY_AGREEMENT: "key_agreement_algorithms",
        SIGN_VERIFY: "signing_algorithms",
    }
)


def key_metadata(key: Key) -> KeyMetadata:
    """What KMS tells about a key in its region."""
    names_material = key.rotates and key.state is not KeyState.CREATING
    expiration_model, valid_to = earliest(key)
    return KeyMetadata(
        aws_account_id=key.account,
        key_id=key.key_id,
        arn=key.arn,
        creation_date=key.created,
        enabled=key.state is KeyState.ENABLED,
        description=key.description,
        key_usage=cast("types.KeyUsage", key.key_usage),
        key_state=key.state.value,
        deletion_date=key.deletion_date,
        valid_to=valid_to,
        expiration_model=cast("types.ExpirationModel | None", expiration_model),
        origin=cast("types.Origin", key.origin),
        key_manager=key.manager.value,
        customer_master_key_spec=older_spec_name(key),
        key_spec=cast("types.KeySpec", key.key_spec),
        multi_region=key.multi_region,
        multi_region_configuration=_configuration(key),
        pending_deletion_window_in_days=key.pending_window_days,
        current_key_material_id=key.materials.current if names_material else None,
        **algorithms_of(key),
    )


def algorithms_of(key: Key) -> dict[str, Any]:
    """The member of KeyMetadata and GetPublicKey that lists the algorithms of the key's usage."""
    return {_ALGORITHMS[key.key_usage]: list(key.spec.algorithms[key.key_usage])}


def older_spec_name(key: Key) -> types.CustomerMasterKeySpec | None:
    """CustomerMasterKeySpec: the key spec, of those that there were when it was deprecated."""
    if key.key_spec not in get_args(types.CustomerMasterKeySpec):
        return None
    return cast("types.CustomerMasterKeySpec", key.key_spec)


def creating_replica(key: Key, region: str, description: str, now: float) -> Key:
    """A replica as ReplicateKey describes it before it is ready: Creating, in its own region."""
    return replace(
        key,
        region=region,
        created=now,
        description=description,
        state=KeyState.CREATING,
        deletion_date=None,
        pending_window_days=None,
        imported=(),
    )


def _configuration(key: Key) -> MultiRegionConfiguration | None:
    shared = key.shared
    if shared is None:
        return None

    def related(region: str) -> MultiRegionKey:
        return MultiRegionKey(arn=key_arn(region, key.account, key.key_id), region=region)

    return MultiRegionConfiguration(
        multi_region_key_type="PRIMARY" if key.is_primary else "REPLICA",
        primary_key=related(shared.primary),
        replica_keys=[related(region) for region in shared.replicas],
    )

"""KeyMetadata, as DescribeKey, CreateKey and ReplicateKey answer with it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from crypto.specs import KEY_SPECS
from node.model.arn import key_arn
from node.model.key import Key, KeyState
from node.wire.shapes import types
from node.wire.shapes.structures import KeyMetadata, MultiRegionConfiguration, MultiRegionKey


def key_metadata(key: Key) -> KeyMetadata:
    """What KMS tells about a key in its region."""
    algorithms = KEY_SPECS[key.key_spec].algorithms[key.key_usage]
    creating = key.state is KeyState.CREATING
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
        origin=cast("types.Origin", key.origin),
        key_manager=key.manager.value,
        customer_master_key_spec=cast("types.CustomerMasterKeySpec", key.key_spec),
        key_spec=cast("types.KeySpec", key.key_spec),
        encryption_algorithms=cast("list[types.EncryptionAlgorithm]", list(algorithms)),
        multi_region=key.multi_region,
        multi_region_configuration=_configuration(key),
        pending_deletion_window_in_days=key.pending_window_days,
        current_key_material_id=None if creating else key.current_material,
    )


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

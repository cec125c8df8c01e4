"""Every operation this node serves: its name, the shape of its request, and what does it."""

from __future__ import annotations

from collections.abc import Mapping

from node.operations.aliases import Aliases
from node.operations.data_keys import DataKeys
from node.operations.deletion import Deletion
from node.operations.encryption import Encryption
from node.operations.failover import Failover, PromoteRequest, RegionRequest
from node.operations.keys import Keys
from node.operations.replicas import Replicas
from node.operations.resolve import Resolver
from node.operations.rotation import Rotation
from node.operations.services import Services
from node.operations.status import GetStatusRequest, Status
from node.operations.tags import Tagging
from node.wire.messages import Operation
from node.wire.operation_names import TARGET_PREFIX
from node.wire.shapes import aliases as alias_shapes
from node.wire.shapes import data_keys as data_key_shapes
from node.wire.shapes import deletion as deletion_shapes
from node.wire.shapes import encryption as encryption_shapes
from node.wire.shapes import keys as key_shapes
from node.wire.shapes import replicas as replica_shapes
from node.wire.shapes import rotation as rotation_shapes
from node.wire.shapes import tags as tag_shapes

ADMIN_PREFIX = "Keyspan."


def operations(services: Services, status: Status, failover: Failover) -> Mapping[str, Operation]:
    """The operations of one region, by target."""
    resolver = Resolver(services)
    keys = Keys(services, resolver)
    aliases = Aliases(services, resolver)
    tags = Tagging(services, resolver)
    encryption = Encryption(services, resolver)
    data_keys = DataKeys(services, resolver)
    deletion = Deletion(services, resolver)
    replicas = Replicas(services, resolver)
    rotation = Rotation(services, resolver)
    kms = (
        (
            "CancelKeyDeletion",
            deletion_shapes.CancelKeyDeletionRequest,
            deletion.cancel_key_deletion,
        ),
        ("CreateAlias", alias_shapes.CreateAliasRequest, aliases.create_alias),
        ("CreateKey", key_shapes.CreateKeyRequest, keys.create_key),
        ("Decrypt", encryption_shapes.DecryptRequest, encryption.decrypt),
        ("DeleteAlias", alias_shapes.DeleteAliasRequest, aliases.delete_alias),
        ("DescribeKey", key_shapes.DescribeKeyRequest, keys.describe_key),
        ("DisableKey", key_shapes.DisableKeyRequest, keys.disable_key),
        (
            "DisableKeyRotation",
            rotation_shapes.DisableKeyRotationRequest,
            rotation.disable_key_rotation,
        ),
        (
            "EnableKeyRotation",
            rotation_shapes.EnableKeyRotationRequest,
            rotation.enable_key_rotation,
        ),
        (
            "GetKeyRotationStatus",
            rotation_shapes.GetKeyRotationStatusRequest,
            rotation.get_key_rotation_status,
        ),
        (
            "ListKeyRotations",
            rotation_shapes.ListKeyRotationsRequest,
            rotation.list_key_rotations,
        ),
        (
            "RotateKeyOnDemand",
            rotation_shapes.RotateKeyOnDemandRequest,
            rotation.rotate_key_on_demand,
        ),
        (
            "UpdatePrimaryRegion",
            replica_shapes.UpdatePrimaryRegionRequest,
            replicas.update_primary_region,
        ),
        ("EnableKey", key_shapes.EnableKeyRequest, keys.enable_key),
        ("Encrypt", encryption_shapes.EncryptRequest, encryption.encrypt),
        ("GenerateDataKey", data_key_shapes.GenerateDataKeyRequest, data_keys.generate_data_key),
        (
            "GenerateDataKeyWithoutPlaintext",
            data_key_shapes.GenerateDataKeyWithoutPlaintextRequest,
            data_keys.generate_data_key_without_plaintext,
        ),
        ("GenerateRandom", data_key_shapes.GenerateRandomRequest, data_keys.generate_random),
        ("ListAliases", alias_shapes.ListAliasesRequest, aliases.list_aliases),
        ("ListKeys", key_shapes.ListKeysRequest, keys.list_keys),
        ("ListResourceTags", tag_shapes.ListResourceTagsRequest, tags.list_resource_tags),
        ("ReEncrypt", encryption_shapes.ReEncryptRequest, encryption.re_encrypt),
        ("ReplicateKey", replica_shapes.ReplicateKeyRequest, replicas.replicate_key),
        (
            "ScheduleKeyDeletion",
            deletion_shapes.ScheduleKeyDeletionRequest,
            deletion.schedule_key_deletion,
        ),
        ("TagResource", tag_shapes.TagResourceRequest, tags.tag_resource),
        ("UntagResource", tag_shapes.UntagResourceRequest, tags.untag_resource),
        ("UpdateAlias", alias_shapes.UpdateAliasRequest, aliases.update_alias),
        (
            "UpdateKeyDescription",
            key_shapes.UpdateKeyDescriptionRequest,
            keys.update_key_description,
        ),
    )
    admin = (
        ("EvictRegion", RegionRequest, failover.evict),
        ("GetStatus", GetStatusRequest, status.get_status),
        ("Promote", PromoteRequest, failover.promote),
        ("ReadmitRegion", RegionRequest, failover.readmit),
    )
    served = [Operation(TARGET_PREFIX + name, request, handler) for name, request, handler in kms]
    served += [Operation(ADMIN_PREFIX + name, request, handler) for name, request, handler in admin]
    return {operation.target: operation for operation in served}

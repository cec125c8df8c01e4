"""Every operation this node serves: its name, the shape of its request, and what does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec

from node.audit.usage import KeyUse, Page, Which
from node.operations.aliases import Aliases
from node.operations.clock import AdvanceClockRequest, ClockControl, GetClockRequest
from node.operations.custom_key_stores import CustomKeyStores
from node.operations.data_key_pairs import DataKeyPairs
from node.operations.data_keys import DataKeys
from node.operations.deletion import Deletion
from node.operations.encryption import Encryption
from node.operations.examination import Examination, ListHoldingsRequest
from node.operations.explanation import ExplainPolicyRequest, Explanations
from node.operations.failover import Failover, RegionRequest
from node.operations.grants import Grants
from node.operations.iam.table import application, iam_operations
from node.operations.iam.wanted import ApplyPrincipalsRequest
from node.operations.imports import Imports
from node.operations.keys import Keys
from node.operations.lookup import Lookup
from node.operations.macs import Macs
from node.operations.policies import KeyPolicies
from node.operations.promotions import PromoteRequest
from node.operations.public_keys import PublicKeys
from node.operations.replicas import Replicas
from node.operations.resolve import ManagedTargets, Resolver
from node.operations.rotation import Rotation
from node.operations.seed_requests import SeedAccountRequest, SeedKeyRequest
from node.operations.seeding import Seeding
from node.operations.services import Services
from node.operations.session_keys import EndSessionsRequest, SessionSeal
from node.operations.sessions import Sessions
from node.operations.shared_secrets import SharedSecrets
from node.operations.signing import Signing
from node.operations.status import GetStatusRequest, Status
from node.operations.tags import Tagging
from node.operations.usage import GetUsageRequest, KeyUsage
from node.wire.messages import Handler, Operation
from node.wire.operation_names import TARGET_PREFIX
from node.wire.query.services import IAM
from node.wire.shapes import aliases as alias_shapes
from node.wire.shapes import cloudtrail, sts
from node.wire.shapes import custom_key_stores as store_shapes
from node.wire.shapes import data_key_pairs as pair_shapes
from node.wire.shapes import data_keys as data_key_shapes
from node.wire.shapes import deletion as deletion_shapes
from node.wire.shapes import encryption as encryption_shapes
from node.wire.shapes import grants as grant_shapes
from node.wire.shapes import imports as import_shapes
from node.wire.shapes import keys as key_shapes
from node.wire.shapes import macs as mac_shapes
from node.wire.shapes import policies as policy_shapes
from node.wire.shapes import public_keys as public_key_shapes
from node.wire.shapes import replicas as replica_shapes
from node.wire.shapes import rotation as rotation_shapes
from node.wire.shapes import shared_secrets as secret_shapes
from node.wire.shapes import signing as signing_shapes
from node.wire.shapes import tags as tag_shapes
from node.wire.shapes.last_usage import GetKeyLastUsageRequest

ADMIN_PREFIX = "Keyspan."


class Trail(Protocol):
    """The audit trail, as operations read it (node.audit.service.AuditService); all trails of the
    region, where worker processes have some of their own.
    """

    async def last_use(self, key_arn: str) -> KeyUse: ...

    async def usage(self, after: Which, most: int) -> Page: ...

    def trails(self) -> Sequence[Sequence[Path]]: ...


Row: TypeAlias = tuple[str, type[msgspec.Struct], Handler]


def operations(
    services: Services,
    status: Status,
    failover: Failover,
    examination: Examination,
    clock: ClockControl,
    trail: Trail,
) -> Mapping[str, Operation]:
    """The operations of one region, by target."""
    seeding = Seeding(services)
    seal = SessionSeal(services)
    resolver = Resolver(services)
    usage = KeyUsage(services, resolver, trail.last_use, trail.usage)
    lookup = Lookup(services.access, trail.trails)
    kms: tuple[Row, ...] = (
        ("GetKeyLastUsage", GetKeyLastUsageRequest, usage.get_key_last_usage),
        *_managing(services, resolver),
        *_importing(services, resolver),
        *_permitting(services, resolver),
        *_using(services, resolver),
        *_storing(services),
    )
    admin = (
        ("AdvanceClock", AdvanceClockRequest, clock.advance_clock),
        ("ApplyPrincipals", ApplyPrincipalsRequest, application(services).apply_principals),
        ("EndSessions", EndSessionsRequest, seal.end_sessions),
        ("EvictRegion", RegionRequest, failover.evict),
        (
            "ExplainPolicy",
            ExplainPolicyRequest,
            Explanations(services, resolver).explain_policy,
        ),
        ("GetClock", GetClockRequest, clock.get_clock),
        ("GetStatus", GetStatusRequest, status.get_status),
        ("GetUsage", GetUsageRequest, usage.get_usage),
        ("ListHoldings", ListHoldingsRequest, examination.list_holdings),
        ("Promote", PromoteRequest, failover.promote),
        ("ReadmitRegion", RegionRequest, failover.readmit),
        ("RequestResync", RegionRequest, examination.request_resync),
        ("SeedAccount", SeedAccountRequest, seeding.seed_account),
        ("SeedKey", SeedKeyRequest, seeding.seed_key),
    )
    served = [Operation(TARGET_PREFIX + name, request, handler) for name, request, handler in kms]
    served += [Operation(ADMIN_PREFIX + name, request, handler) for name, request, handler in admin]
    served.append(
        Operation(
            cloudtrail.TARGET,
            cloudtrail.LookupEventsRequest,
            lookup.lookup_events,
            cloudtrail.SERVICE,
        )
    )
    served += _sessions(services, seal)
    served += [
        Operation(f"{IAM.name}.{name}", request, handler, IAM.name)
        for name, request, handler in iam_operations(services)
    ]
    return {operation.target: operation for operation in served}


def operations_that_read(services: Services, managed: ManagedTargets) -> Mapping[str, Operation]:
    """The operations, by target, that read of the key store what the view holds, and write nothing
    but their record: those that any worker process of a region answers by itself. `managed` makes
    AWS managed keys.
    """
    resolver = Resolver(services, managed)
    rows: tuple[Row, ...] = (
        *_using(services, resolver),
        ("DescribeKey", key_shapes.DescribeKeyRequest, Keys(services, resolver).describe_key),
    )
    served = [Operation(TARGET_PREFIX + name, request, handler) for name, request, handler in rows]
    return {operation.target: operation for operation in served}


def _sessions(services: Services, seal: SessionSeal) -> list[Operation]:
    """The operations of STS."""
    sessions = Sessions(services, seal)
    rows: tuple[Row, ...] = (
        ("AssumeRole", sts.AssumeRoleRequest, sessions.assume_role),
        ("GetCallerIdentity", sts.GetCallerIdentityRequest, sessions.get_caller_identity),
        ("GetSessionToken", sts.GetSessionTokenRequest, sessions.get_session_token),
    )
    return [
        Operation(f"{sts.SERVICE}.{name}", request, handler, sts.SERVICE)
        for name, request, handler in rows
    ]


def _managing(services: Services, resolver: Resolver) -> tuple[Row, ...]:
    """The operations that make, show and change keys, aliases and tags."""
    keys = Keys(services, resolver)
    aliases = Aliases(services, resolver)
    tags = Tagging(services, resolver)
    deletion = Deletion(services, resolver)
    replicas = Replicas(services, resolver)
    rotation = Rotation(services, resolver)
    return (
        (
            "CancelKeyDeletion",
            deletion_shapes.CancelKeyDeletionRequest,
            deletion.cancel_key_deletion,
        ),
        ("CreateAlias", alias_shapes.CreateAliasRequest, aliases.create_alias),
        ("CreateKey", key_shapes.CreateKeyRequest, keys.create_key),
        ("DeleteAlias", alias_shapes.DeleteAliasRequest, aliases.delete_alias),
        ("DescribeKey", key_shapes.DescribeKeyRequest, keys.describe_key),
        ("DisableKey", key_shapes.DisableKeyRequest, keys.disable_key),
        (
            "DisableKeyRotation",
            rotation_shapes.DisableKeyRotationRequest,
            rotation.disable_key_rotation,
        ),
        ("EnableKey", key_shapes.EnableKeyRequest, keys.enable_key),
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
        ("ListAliases", alias_shapes.ListAliasesRequest, aliases.list_aliases),
        (
            "ListKeyRotations",
            rotation_shapes.ListKeyRotationsRequest,
            rotation.list_key_rotations,
        ),
        ("ListKeys", key_shapes.ListKeysRequest, keys.list_keys),
        ("ListResourceTags", tag_shapes.ListResourceTagsRequest, tags.list_resource_tags),
        ("ReplicateKey", replica_shapes.ReplicateKeyRequest, replicas.replicate_key),
        (
            "RotateKeyOnDemand",
            rotation_shapes.RotateKeyOnDemandRequest,
            rotation.rotate_key_on_demand,
        ),
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
        (
            "UpdatePrimaryRegion",
            replica_shapes.UpdatePrimaryRegionRequest,
            replicas.update_primary_region,
        ),
    )


def _importing(services: Services, resolver: Resolver) -> tuple[Row, ...]:
    """The operations on imported key material."""
    imports = Imports(services, resolver)
    return (
        (
            "DeleteImportedKeyMaterial",
            import_shapes.DeleteImportedKeyMaterialRequest,
            imports.delete_imported_key_material,
        ),
        (
            "GetParametersForImport",
            import_shapes.GetParametersForImportRequest,
            imports.get_parameters_for_import,
        ),
        (
            "ImportKeyMaterial",
            import_shapes.ImportKeyMaterialRequest,
            imports.import_key_material,
        ),
    )


def _permitting(services: Services, resolver: Resolver) -> tuple[Row, ...]:
    """The operations on key policies and grants."""
    policies = KeyPolicies(services, resolver)
    grants = Grants(services, resolver)
    return (
        ("CreateGrant", grant_shapes.CreateGrantRequest, grants.create_grant),
        ("GetKeyPolicy", policy_shapes.GetKeyPolicyRequest, policies.get_key_policy),
        ("ListGrants", grant_shapes.ListGrantsRequest, grants.list_grants),
        ("ListKeyPolicies", policy_shapes.ListKeyPoliciesRequest, policies.list_key_policies),
        (
            "ListRetirableGrants",
            grant_shapes.ListRetirableGrantsRequest,
            grants.list_retirable_grants,
        ),
        ("PutKeyPolicy", policy_shapes.PutKeyPolicyRequest, policies.put_key_policy),
        ("RetireGrant", grant_shapes.RetireGrantRequest, grants.retire_grant),
        ("RevokeGrant", grant_shapes.RevokeGrantRequest, grants.revoke_grant),
    )


def _using(services: Services, resolver: Resolver) -> tuple[Row, ...]:
    """The cryptographic operations."""
    encryption = Encryption(services, resolver)
    data_keys = DataKeys(services, resolver)
    pairs = DataKeyPairs(services, resolver)
    signing = Signing(resolver, services.call_threads)
    macs = Macs(resolver)
    secrets = SharedSecrets(resolver, services.call_threads)
    return (
        ("Decapsulate", secret_shapes.DecapsulateRequest, secrets.decapsulate),
        ("Decrypt", encryption_shapes.DecryptRequest, encryption.decrypt),
        (
            "DeriveSharedSecret",
            secret_shapes.DeriveSharedSecretRequest,
            secrets.derive_shared_secret,
        ),
        ("Encapsulate", secret_shapes.EncapsulateRequest, secrets.encapsulate),
        ("Encrypt", encryption_shapes.EncryptRequest, encryption.encrypt),
        ("GenerateDataKey", data_key_shapes.GenerateDataKeyRequest, data_keys.generate_data_key),
        (
            "GenerateDataKeyPair",
            pair_shapes.GenerateDataKeyPairRequest,
            pairs.generate_data_key_pair,
        ),
        (
            "GenerateDataKeyPairWithoutPlaintext",
            pair_shapes.GenerateDataKeyPairWithoutPlaintextRequest,
            pairs.generate_data_key_pair_without_plaintext,
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            data_key_shapes.GenerateDataKeyWithoutPlaintextRequest,
            data_keys.generate_data_key_without_plaintext,
        ),
        ("GenerateMac", mac_shapes.GenerateMacRequest, macs.generate_mac),
        ("GenerateRandom", data_key_shapes.GenerateRandomRequest, data_keys.generate_random),
        (
            "GetPublicKey",
            public_key_shapes.GetPublicKeyRequest,
            PublicKeys(resolver, services.call_threads).get_public_key,
        ),
        ("ReEncrypt", encryption_shapes.ReEncryptRequest, encryption.re_encrypt),
        ("Sign", signing_shapes.SignRequest, signing.sign),
        ("Verify", signing_shapes.VerifyRequest, signing.verify),
        ("VerifyMac", mac_shapes.VerifyMacRequest, macs.verify_mac),
    )


def _storing(services: Services) -> tuple[Row, ...]:
    """The operations on custom key stores, of which there are none."""
    stores = CustomKeyStores(services)
    return (
        (
            "ConnectCustomKeyStore",
            store_shapes.ConnectCustomKeyStoreRequest,
            stores.connect_custom_key_store,
        ),
        (
            "CreateCustomKeyStore",
            store_shapes.CreateCustomKeyStoreRequest,
            stores.create_custom_key_store,
        ),
        (
            "DeleteCustomKeyStore",
            store_shapes.DeleteCustomKeyStoreRequest,
            stores.delete_custom_key_store,
        ),
        (
            "DescribeCustomKeyStores",
            store_shapes.DescribeCustomKeyStoresRequest,
            stores.describe_custom_key_stores,
        ),
        (
            "DisconnectCustomKeyStore",
            store_shapes.DisconnectCustomKeyStoreRequest,
            stores.disconnect_custom_key_store,
        ),
        (
            "UpdateCustomKeyStore",
            store_shapes.UpdateCustomKeyStoreRequest,
            stores.update_custom_key_store,
        ),
    )

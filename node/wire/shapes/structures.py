"""Structures that several operations share: tags, key metadata, the Nitro recipient."""

from __future__ import annotations

import msgspec

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class Tag(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html"""

    tag_key: types.TagKey
    tag_value: types.TagValue


class RecipientInfo(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RecipientInfo.html"""

    key_encryption_algorithm: types.KeyEncryptionMechanism | None = None
    attestation_document: types.AttestationDocument | None = None


class MultiRegionKey(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_MultiRegionKey.html"""

    arn: types.Arn | None = None
    region: types.Region | None = None


class MultiRegionConfiguration(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_MultiRegionConfiguration.html

    `replica_keys` holds all replicas, and is the empty list where there is none.
    """

    multi_region_key_type: types.MultiRegionKeyType | None = None
    primary_key: MultiRegionKey | None = None
    replica_keys: list[MultiRegionKey] | None = None


class XksKeyConfigurationType(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_XksKeyConfigurationType.html"""

    id: types.XksKeyId | None = None


class KeyMetadata(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html"""

    aws_account_id: str | None = msgspec.field(default=None, name="AWSAccountId")
    key_id: types.KeyId
    arn: types.Arn | None = None
    creation_date: types.Timestamp | None = None
    enabled: bool | None = None
    description: types.Description | None = None
    key_usage: types.KeyUsage | None = None
    key_state: types.KeyState | None = None
    deletion_date: types.Timestamp | None = None
    valid_to: types.Timestamp | None = None
    origin: types.Origin | None = None
    custom_key_store_id: types.CustomKeyStoreId | None = None
    cloud_hsm_cluster_id: types.CloudHsmClusterId | None = None
    expiration_model: types.ExpirationModel | None = None
    key_manager: types.KeyManager | None = None
    customer_master_key_spec: types.CustomerMasterKeySpec | None = None
    key_spec: types.KeySpec | None = None
    encryption_algorithms: list[types.EncryptionAlgorithm] | None = None
    signing_algorithms: list[types.SigningAlgorithm] | None = None
    key_agreement_algorithms: list[types.KeyAgreementAlgorithm] | None = None
    encapsulation_algorithms: list[types.EncapsulationAlgorithm] | None = None
    multi_region: bool | None = None
    multi_region_configuration: MultiRegionConfiguration | None = None
    pending_deletion_window_in_days: types.PendingWindowInDays | None = None
    mac_algorithms: list[types.MacAlgorithm] | None = None
    xks_key_configuration: XksKeyConfigurationType | None = None
    current_key_material_id: types.KeyMaterialId | None = None

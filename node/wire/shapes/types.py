"""The scalar and list types that the shapes share, with the model's limits.

Lengths of strings count Unicode code points, lengths of blobs count bytes after base64. Patterns
match the whole value, as KMS matches them; enums keep the order of the model, because KMS lists
them in its error text.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from node.wire.patterns import in_python

SENSITIVE = msgspec.Meta(extra={"sensitive": True})
"""The value never appears in an error text."""

HIDDEN = msgspec.Meta(extra={"hidden": True})
"""The value is not shown either, though its model does not call it sensitive."""


def length(least: int | None, most: int | None) -> msgspec.Meta:
    """From `least` to `most` characters, bytes or elements."""
    return msgspec.Meta(min_length=least, max_length=most)


def matching(pattern: str) -> msgspec.Meta:
    """The whole value matches the model's `pattern`, as Java's `matches` has it.

    msgspec alone would search in the value, and `\\d` would be any script's digits.
    """
    return msgspec.Meta(pattern=rf"\A{in_python(pattern)}\Z", extra={"pattern": pattern})


# Names of things

KeyId = Annotated[str, length(1, 2048)]
Arn = Annotated[str, length(20, 2048)]
AliasName = Annotated[str, length(1, 256), matching(r"^[a-zA-Z0-9:/_-]+$")]
Region = Annotated[str, length(1, 32), matching(r"^([a-z]+-){2,3}\d+$")]
KeyMaterialId = Annotated[str, length(64, 64), matching(r"^[a-f0-9]+$")]
KeyMaterialIdOrNone = Annotated[str, length(0, 64), matching(r"^[a-f0-9]+$")]
CustomKeyStoreId = Annotated[str, length(1, 64)]
XksKeyId = Annotated[str, length(1, 128), matching(r"^[a-zA-Z0-9-_.]+$")]
CloudHsmClusterId = Annotated[str, length(19, 24), matching(r"cluster-[2-7a-zA-Z]{11,16}")]
CustomKeyStoreName = Annotated[str, length(1, 256)]
AccountId = Annotated[str, length(12, 12), matching(r"[0-9]{12}")]
XksProxyUriEndpoint = Annotated[str, length(10, 128), matching(r"^https://[a-zA-Z0-9.-]+$")]
XksProxyUriPath = Annotated[
    str,
    length(10, 128),
    matching(r"^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$"),
]
XksProxyVpcEndpointServiceName = Annotated[
    str,
    length(20, 64),
    matching(r"^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$"),
]

PolicyName = Annotated[str, length(1, 128), matching(r"[\w]+")]
PrincipalId = Annotated[str, length(1, 256), matching(r"^[\w+=,.@:/-]+$")]
ServicePrincipal = Annotated[
    str,
    length(1, 128),
    matching(r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$"),
]
GrantId = Annotated[str, length(1, 128)]
GrantName = Annotated[str, length(1, 256), matching(r"^[a-zA-Z0-9:/_-]+$")]
GrantToken = Annotated[str, length(1, 8192)]
GrantConstraintSourceArn = Annotated[
    str, length(20, 512), matching(r"^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$")
]

# Texts

KeyMaterialDescription = Annotated[str, length(0, 256), matching(r"^[a-zA-Z0-9:/_\s.-]+$")]
Description = Annotated[str, length(0, 8192)]
Policy = Annotated[str, length(1, 131072), matching(r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
TagKey = Annotated[str, length(1, 128)]
TagValue = Annotated[str, length(0, 256)]
Marker = Annotated[str, length(1, 1024), matching(r"[\u0020-\u00FF]*")]

TrustAnchorCertificate = Annotated[str, length(1, 5000)]

# Secrets that come in a request

KeyStorePassword = Annotated[str, length(7, 32), SENSITIVE]
XksProxyAccessKeyId = Annotated[str, length(20, 30), matching(r"^[A-Z2-7]+$"), SENSITIVE]
XksProxyRawSecretAccessKey = Annotated[
    str, length(43, 64), matching(r"^[a-zA-Z0-9\/+=]+$"), SENSITIVE
]

# Numbers

Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
NumberOfBytes = Annotated[int, msgspec.Meta(ge=1, le=1024)]
RotationPeriodInDays = Annotated[int, msgspec.Meta(ge=90, le=2560)]
PendingWindowInDays = Annotated[int, msgspec.Meta(ge=1, le=365)]
Timestamp = float  # seconds since 1970 (UTC), with a fraction

# Blobs

Plaintext = Annotated[bytes, length(1, 4096), SENSITIVE]
Ciphertext = Annotated[bytes, length(1, 6144)]
PublicKey = Annotated[bytes, length(1, 8192)]
AttestationDocument = Annotated[bytes, length(1, 262144)]

# Lists and maps

EncryptionContext = dict[str, str]
GrantTokens = Annotated[list[GrantToken], length(0, 10)]
TagKeys = list[TagKey]

# Enums

KeyUsage = Literal[
    "SIGN_VERIFY",
    "ENCRYPT_DECRYPT",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
    "ENCAPSULATE_DECAPSULATE",
]
CustomerMasterKeySpec = Literal[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
]
KeySpec = Literal[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
]
DataKeyPairSpec = Literal[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SM2",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
]
GrantOperation = Literal[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
]
DataKeySpec = Literal["AES_256", "AES_128"]
Origin = Literal["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"]
KeyState = Literal[
    "Creating",
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingImport",
    "PendingReplicaDeletion",
    "Unavailable",
    "Updating",
]
KeyManager = Literal["AWS", "CUSTOMER"]
ExpirationModel = Literal["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"]
MultiRegionKeyType = Literal["PRIMARY", "REPLICA"]
ResourceOwner = Literal["SELF", "OTHER_ACCOUNTS_VIA_RAM"]
IncludeKeyMaterial = Literal["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"]
ImportType = Literal["NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"]
WrappingAlgorithm = Literal[
    "RSAES_PKCS1_V1_5",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
    "SM2PKE",
]
WrappingKeySpec = Literal["RSA_2048", "RSA_3072", "RSA_4096", "SM2"]
ImportState = Literal["IMPORTED", "PENDING_IMPORT"]
KeyMaterialState = Literal[
    "NON_CURRENT", "CURRENT", "PENDING_ROTATION", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
]
RotationType = Literal["AUTOMATIC", "ON_DEMAND"]
DryRunModifier = Literal["IGNORE_CIPHERTEXT"]
KeyEncryptionMechanism = Literal["RSAES_OAEP_SHA_256"]
EncryptionAlgorithm = Literal[
    "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"
]
SigningAlgorithm = Literal[
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "SM2DSA",
    "ML_DSA_SHAKE_256",
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
]
MessageType = Literal["RAW", "DIGEST", "EXTERNAL_MU"]
MacAlgorithm = Literal["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"]
KeyAgreementAlgorithm = Literal["ECDH"]
EncapsulationAlgorithm = Literal["ML_KEM"]
CustomKeyStoreType = Literal["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"]
XksProxyConnectivity = Literal["PUBLIC_ENDPOINT", "VPC_ENDPOINT_SERVICE"]
ConnectionState = Literal["CONNECTED", "CONNECTING", "FAILED", "DISCONNECTED", "DISCONNECTING"]
ConnectionErrorCode = Literal[
    "INVALID_CREDENTIALS",
    "CLUSTER_NOT_FOUND",
    "NETWORK_ERRORS",
    "INTERNAL_ERROR",
    "INSUFFICIENT_CLOUDHSM_HSMS",
    "USER_LOCKED_OUT",
    "USER_NOT_FOUND",
    "USER_LOGGED_IN",
    "SUBNET_NOT_FOUND",
    "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET",
    "XKS_PROXY_ACCESS_DENIED",
    "XKS_PROXY_NOT_REACHABLE",
    "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND",
    "XKS_PROXY_INVALID_RESPONSE",
    "XKS_PROXY_INVALID_CONFIGURATION",
    "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION",
    "XKS_PROXY_TIMED_OUT",
    "XKS_PROXY_INVALID_TLS_CONFIGURATION",
]

ResourceOwners = Annotated[list[ResourceOwner], length(1, 2)]
DryRunModifiers = list[DryRunModifier]
KeyLastUsageTrackingOperation = Literal[
    "Decrypt",
    "DeriveSharedSecret",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
    "Encapsulate",
    "Decapsulate",
]

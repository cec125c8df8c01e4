"""What the actions of KMS are about, where it matters for who may do them.

Source: KMS API Reference, "Cross-account use" and "Required permissions" of each operation.
"""

from __future__ import annotations

from typing import Final

PREFIX: Final = "kms:"
PUT_KEY_POLICY: Final = f"{PREFIX}PutKeyPolicy"
RETIRE_GRANT: Final = f"{PREFIX}RetireGrant"

KEYLESS: Final = frozenset(
    f"{PREFIX}{operation}"
    for operation in (
        "ConnectCustomKeyStore",
        "CreateCustomKeyStore",
        "CreateKey",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisconnectCustomKeyStore",
        "GenerateRandom",
        "ListAliases",
        "ListKeys",
        "ListRetirableGrants",
        "UpdateCustomKeyStore",
    )
)
"""The actions that are about no key: identity policies alone decide."""

ACROSS_ACCOUNTS: Final = frozenset(
    f"{PREFIX}{operation}"
    for operation in (
        "CreateGrant",
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListGrants",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
        "RevokeGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    )
)
"""The actions that another account's principals may be allowed on a key."""

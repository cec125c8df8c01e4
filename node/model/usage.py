"""Which key usage each cryptographic operation needs, and the errors of a key that is not for it.

Texts are recorded KMS answers (kms-semantics part c). An algorithm that KMS has for a key spec and
Keyspan has not is said to be missing, under the one error type that clients know for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crypto.specs import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    GENERATE_VERIFY_MAC,
    KEY_AGREEMENT,
    SIGN_VERIFY,
)
from node.model.errors import InvalidKeyUsage, UnsupportedOperation
from node.model.key import Key

OPERATION_USAGE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Decapsulate": ENCAPSULATE_DECAPSULATE,
        "DeriveSharedSecret": KEY_AGREEMENT,
        "Encapsulate": ENCAPSULATE_DECAPSULATE,
        "Encrypt": ENCRYPT_DECRYPT,
        "Decrypt": ENCRYPT_DECRYPT,
        "GenerateDataKey": ENCRYPT_DECRYPT,
        "GenerateDataKeyPair": ENCRYPT_DECRYPT,
        "GenerateDataKeyPairWithoutPlaintext": ENCRYPT_DECRYPT,
        "GenerateDataKeyWithoutPlaintext": ENCRYPT_DECRYPT,
        "GenerateMac": GENERATE_VERIFY_MAC,
        "ReEncrypt": ENCRYPT_DECRYPT,
        "Sign": SIGN_VERIFY,
        "Verify": SIGN_VERIFY,
        "VerifyMac": GENERATE_VERIFY_MAC,
    }
)


def check_usage(operation: str, key: Key, algorithm: str | None) -> None:
    """Raise InvalidKeyUsage unless the key is for this operation, with the algorithm if named."""
    if key.key_usage != OPERATION_USAGE[operation]:
        raise InvalidKeyUsage(
            f"{key.arn} key usage is {key.key_usage} which is not valid for {operation}."
        )
    if algorithm is not None:
        check_algorithm(key, algorithm)


def check_algorithm(key: Key, algorithm: str) -> None:
    """Raise InvalidKeyUsage unless the key's spec has the algorithm for the key's usage."""
    if algorithm in key.spec.algorithms[key.key_usage]:
        return
    if algorithm in key.spec.unavailable:
        raise InvalidKeyUsage(f"Algorithm {algorithm} is not available in Keyspan yet.")
    raise InvalidKeyUsage(f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}.")


def check_public(operation: str, key: Key) -> None:
    """Raise UnsupportedOperation unless the key has a public half."""
    if not key.spec.kind.asymmetric:
        raise UnsupportedOperation(
            f"{key.arn} key spec is {key.key_spec} which is not valid for {operation}."
        )


def same_type(left: Key, right: Key) -> bool:
    """Whether an alias of one key may be moved to the other (KMS API reference, UpdateAlias):

    both symmetric, both asymmetric or both HMAC, and of the same usage.
    """
    kinds = left.spec.kind, right.spec.kind
    alike = kinds[0] is kinds[1] or all(kind.asymmetric for kind in kinds)
    return alike and left.key_usage == right.key_usage

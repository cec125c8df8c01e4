"""The operations that are measured: the bodies of their requests, and proof that answers are right.

Every body differs from the next in plaintext and encryption context, as those of real callers do.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from bench.errors import BenchError

KEYS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "Decrypt": {"MultiRegion": True},
        "Encrypt": {"MultiRegion": True},
        "GenerateDataKey": {"MultiRegion": True},
        "GenerateMac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        "Sign": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
        "Verify": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    }
)
"""The key of each operation, as CreateKey takes it."""

Call = Callable[[str, bytes], Mapping[str, Any]]
"""Does one operation, by name, with a body; gives the decoded answer or raises BenchError."""

_ALGORITHM: Final = "ECDSA_SHA_256"
PLAINTEXT_SIZE: Final = 32  # bytes: a data key, what KMS mostly encrypts


def target(operation: str) -> str:
    """The X-Amz-Target of an operation of KMS."""
    return f"TrentService.{operation}"


def body(**members: Any) -> bytes:
    """The body of a request with these members."""
    return json.dumps(members).encode()  # with blanks after commas, as botocore writes it


def bodies(operation: str, call: Call, key_id: str, count: int) -> tuple[bytes, ...]:
    """`count` different bodies of requests for `operation`, all of which will succeed."""
    return tuple(_BODIES[operation](call, key_id, number) for number in range(count))


def signatures(call: Call, key_id: str, algorithm: str, count: int) -> tuple[bytes, ...]:
    """`count` different bodies of Sign by another algorithm than that of `bodies`."""
    return tuple(_sign(call, key_id, number, algorithm) for number in range(count))


def create_key(operation: str, call: Call) -> str:
    """The ID of a new key for an operation."""
    return str(call("CreateKey", body(**KEYS[operation]))["KeyMetadata"]["KeyId"])


def check(call: Call, key_id: str) -> None:
    """Raise BenchError unless what was encrypted is decrypted, and data keys are what they say."""
    encrypted = call("Encrypt", _encrypt(call, key_id, 0))
    data_key = call("GenerateDataKey", _generate_data_key(call, key_id, 1))
    expected = {0: (encrypted, _plaintext(0)), 1: (data_key, b64decode(data_key["Plaintext"]))}
    for number, (answer, plaintext) in expected.items():
        opened = call("Decrypt", decryption(answer, number))
        if b64decode(opened["Plaintext"]) != plaintext:
            raise BenchError(
                "A server gives another plaintext than was encrypted; nothing is measured."
            )


def decryption(answer: Mapping[str, Any], number: int) -> bytes:
    """The body of a Decrypt of what Encrypt answered to its body of that number."""
    return body(CiphertextBlob=answer["CiphertextBlob"], **_context(number))


def _encrypt(_: Call, key_id: str, number: int) -> bytes:
    return body(KeyId=key_id, Plaintext=_text(_plaintext(number)), **_context(number))


def _decrypt(call: Call, key_id: str, number: int) -> bytes:
    return decryption(call("Encrypt", _encrypt(call, key_id, number)), number)


def _generate_data_key(_: Call, key_id: str, number: int) -> bytes:
    return body(KeyId=key_id, KeySpec="AES_256", **_context(number))


def _generate_mac(_: Call, key_id: str, number: int) -> bytes:
    return body(KeyId=key_id, Message=_text(_plaintext(number)), MacAlgorithm="HMAC_SHA_256")


def _sign(_: Call, key_id: str, number: int, algorithm: str = _ALGORITHM) -> bytes:
    return body(KeyId=key_id, Message=_text(_plaintext(number)), SigningAlgorithm=algorithm)


def _verify(call: Call, key_id: str, number: int) -> bytes:
    signature = call("Sign", _sign(call, key_id, number))["Signature"]
    return body(
        KeyId=key_id,
        Message=_text(_plaintext(number)),
        Signature=signature,
        SigningAlgorithm=_ALGORITHM,
    )


def _plaintext(number: int) -> bytes:
    return number.to_bytes(PLAINTEXT_SIZE, "big")


def _context(number: int) -> dict[str, Any]:
    return {"EncryptionContext": {"purpose": "benchmark", "number": str(number)}}


def _text(blob: bytes) -> str:
    return b64encode(blob).decode()


_BODIES: Final[Mapping[str, Callable[[Call, str, int], bytes]]] = MappingProxyType(
    {
        "Decrypt": _decrypt,
        "Encrypt": _encrypt,
        "GenerateDataKey": _generate_data_key,
        "GenerateMac": _generate_mac,
        "Sign": _sign,
        "Verify": _verify,
    }
)

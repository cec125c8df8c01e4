"""Spellings of a secret, and the places where one is found.

A secret may lie somewhere as it is, in hexadecimal, in base64 (as part of something longer, so at
any of three alignments), or as Python or JSON writes bytes down.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key


@dataclass(frozen=True, slots=True)
class Secret:
    """Bytes that may be nowhere but in the places whose names end with `home`."""

    name: str
    value: bytes = field(repr=False)
    home: str | None = None


def _base64(encode: Callable[[bytes], bytes], secret: bytes) -> Iterator[bytes]:
    """The characters that the secret alone decides, for each place it can have in a longer text."""
    for shift in range(3):
        padded = bytes(shift) + secret + bytes(-(shift + len(secret)) % 3)
        first, end = -(-shift * 8 // 6), (shift + len(secret)) * 8 // 6
        yield encode(padded)[first:end]


SPELLINGS: Final[Mapping[str, Callable[[bytes], Iterable[bytes]]]] = MappingProxyType(
    {
        "raw": lambda secret: [secret],
        "hexadecimal": lambda secret: [secret.hex().encode(), secret.hex().upper().encode()],
        "base64": lambda secret: _base64(base64.b64encode, secret),
        "base64 for URLs": lambda secret: _base64(base64.urlsafe_b64encode, secret),
        "escaped": lambda secret: [repr(secret)[2:-1].encode()],
        "numbers": lambda secret: [", ".join(map(str, secret)).encode()],
    }
)


def private_parts(encoded: bytes) -> list[bytes]:
    """A private key in PKCS #8, and each number in it that must not be known by itself."""
    key = load_der_private_key(encoded, None)
    if isinstance(key, RSAPrivateKey):
        numbers = key.private_numbers()
        return [encoded, *map(_big_endian, (numbers.d, numbers.p, numbers.q))]
    if isinstance(key, EllipticCurvePrivateKey):
        return [encoded, _big_endian(key.private_numbers().private_value)]
    raise ValueError("a kind of private key that no test makes")


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def leaks(secrets: Iterable[Secret], places: Mapping[str, bytes]) -> list[str]:
    """Where which secret is found, and in which spelling; without the secret itself."""
    return [
        f"{secret.name} in {place}, {spelling}"
        for secret in secrets
        for spelling, spell in SPELLINGS.items()
        for spelled in spell(secret.value)
        for place, data in places.items()
        if spelled in data and not (secret.home and place.endswith(secret.home))
    ]

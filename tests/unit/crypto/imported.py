"""Key material as users bring it: of every spec, and with everything wrong that can be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from crypto.asymmetric import private_der, public_der
from crypto.keys import _PRIVATE_KEYS
from crypto.specs import KEY_SPECS
from tests.unit.crypto.keys import material_of

OTHERS: Final = (
    "RSA_2048",
    "RSA_3072",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_KEM_768",
    "HMAC_512",
)


def given(spec: str, number: int = 0) -> bytes:
    """What a user imports to get `material_of(spec, number)`."""
    row, secret = KEY_SPECS[spec], material_of(spec, number).reveal()
    if not row.kind.asymmetric:
        return secret
    return private_der(_PRIVATE_KEYS[row.kind](row, secret))


@cache
def defects(spec: str) -> Mapping[str, bytes]:
    """What is no material of a spec, by its defect."""
    good = given(spec)
    wrong = {"nothing": b"", "one_byte": b"0", "cut": good[:-1], "zeros": bytes(200)}
    wrong |= {f"as_{other}": given(other) for other in OTHERS if _mistaken(spec, other)}
    if not KEY_SPECS[spec].kind.asymmetric:
        least, longest = KEY_SPECS[spec].material_sizes
        return wrong | {"too_long": bytes(longest + 1), "too_short": bytes(least - 1)}
    key: Any = load_der_private_key(good, None)
    wrong |= {
        "trailing_byte": good + b"\x00",
        "leading_byte": b"\x00" + good,
        "bare_secret": material_of(spec).reveal()
        if not spec.startswith("RSA")
        else key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        "pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "public": public_der(key),
        "version_9": good.replace(b"\x02\x01\x00", b"\x02\x01\x09", 1),
    }
    if not spec.startswith("ML_"):
        wrong["encrypted"] = key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
        )
    if spec.startswith("ECC_") and spec != "ECC_NIST_EDWARDS25519":
        wrong["sec_1"] = key.private_bytes(
            Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
        other = public_der(load_der_private_key(given(spec, 1), None))
        own, size = public_der(key), 2 * KEY_SPECS[spec].material_sizes[0]
        wrong["public_key_of_another"] = good.replace(own[-size:], other[-size:])
    if spec.startswith("RSA_"):
        numbers = key.private_numbers()
        wrong["numbers_do_not_fit"] = good.replace(
            numbers.iqmp.to_bytes((numbers.iqmp.bit_length() + 7) // 8, "big"),
            (numbers.iqmp ^ 2).to_bytes((numbers.iqmp.bit_length() + 7) // 8, "big"),
        )
    return wrong


def _mistaken(spec: str, other: str) -> bool:
    """Whether `other` is imported for `spec` by mistake: not where raw bytes fit both."""
    one, two = KEY_SPECS[spec], KEY_SPECS[other]
    if one.kind.asymmetric:
        return other != spec
    return two.kind.asymmetric and not one.fits(len(given(other)))

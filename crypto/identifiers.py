"""The shapes of the identifiers that are bound into ciphertexts, seals and signatures.

Every identifier has one spelling, so that bytes that differ never name the same thing. Follows
the key ID forms of the KMS developer guide ("Key identifiers"): a UUID, or `mrk-` and 32 hex
digits for a multi-Region key; Keyspan writes both in lower case and both are 36 characters long.
"""

import re
from functools import lru_cache
from typing import Final

KEY_ID_SIZE: Final = 36  # ASCII characters
MATERIAL_ID_SIZE: Final = 32  # bytes; 64 lower-case hexadecimal characters as text

_REMEMBERED: Final = 4096  # texts, each as short as a key ID in what is read of a ciphertext
_KEY_ID: Final = re.compile(
    r"mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
_MATERIAL_ID: Final = re.compile(r"[0-9a-f]{64}")
_REGION: Final = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(-[a-z0-9]+)*")


@lru_cache(_REMEMBERED)
def is_key_id(text: str) -> bool:
    """Whether `text` is a key ID in its one spelling. Each ciphertext has one."""
    return _KEY_ID.fullmatch(text) is not None


def is_material_id(text: str) -> bool:
    """Whether `text` is a key-material ID in its one spelling."""
    return _MATERIAL_ID.fullmatch(text) is not None


def is_region(text: str) -> bool:
    """Whether `text` can name a region, such as `us-east-1`."""
    return _REGION.fullmatch(text) is not None

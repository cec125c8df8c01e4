"""New identifiers in IAM's forms. Source: IAM User Guide, "IAM identifiers"; IAM API, AccessKey."""

from __future__ import annotations

import base64
from typing import Final

from crypto.material import Randomness
from node.directory.parts import Kind

_UNIQUE_CHARACTERS: Final = 17
_ACCESS_KEY_CHARACTERS: Final = 16
_SECRET_BYTES: Final = 30  # 240 bits, which are 40 characters


def new_unique_id(kind: Kind, randomness: Randomness) -> str:
    """The unique ID of a new entity: `AIDA` and 17 capital letters and digits."""
    return kind.value + _letters(_UNIQUE_CHARACTERS, randomness)


def new_access_key_id(randomness: Randomness) -> str:
    """The ID of a new access key: `AKIA` and 16 capital letters and digits."""
    return "AKIA" + _letters(_ACCESS_KEY_CHARACTERS, randomness)


def new_temporary_key_id(randomness: Randomness) -> str:
    """The ID of temporary credentials: `ASIA` and 16 capital letters and digits."""
    return "ASIA" + _letters(_ACCESS_KEY_CHARACTERS, randomness)


def new_secret(randomness: Randomness) -> str:
    """A new secret access key: 40 characters."""
    return base64.b64encode(randomness(_SECRET_BYTES)).decode()


def _letters(count: int, randomness: Randomness) -> str:
    """Characters of base 32, five bits each."""
    return base64.b32encode(randomness(-(-count * 5 // 8) + 4)).decode()[:count]

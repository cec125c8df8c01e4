"""Every ciphertext that a cluster ever answered with, and what must come out of it.

A plaintext is random and kept as a digest, so that the ledger holds no secret.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

__all__ = ["Ledger", "Sealed", "digest"]

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Sealed:
    """One ciphertext: made when and where, under which key and context, of which plaintext."""

    at: float
    region: str
    key_id: str
    blob: bytes
    context: Mapping[str, str]
    digest: bytes


class Ledger:
    """What was acknowledged is owed for ever. May be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Sealed] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, sealed: Sealed) -> None:
        with self._lock:
            self._entries.append(sealed)

    def any(self, random: Random) -> Sealed | None:
        """One of them, left to chance; None while there is none."""
        with self._lock:
            return random.choice(self._entries) if self._entries else None

    def entries(self) -> list[Sealed]:
        """All of them so far, in the order in which they were answered."""
        with self._lock:
            return list(self._entries)


def digest(plaintext: bytes) -> bytes:
    """How the ledger knows a plaintext again."""
    return hashlib.blake2b(plaintext, digest_size=_DIGEST_BYTES).digest()

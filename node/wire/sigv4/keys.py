"""A bounded cache of signing keys: four HMACs saved for every request but the first of a day.

Only scopes that were checked get here (one region, one service, at most two dates around
midnight), and only for access keys that exist, so strangers cannot push entries out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from node.wire.sigv4.canonical import derive_signing_key
from node.wire.sigv4.templates import Templates


@dataclass(frozen=True, slots=True)
class _Kept:
    """A signing key, the secret that it was derived from, and HMAC keyed with it."""

    secret: str = field(repr=False)
    key: bytes = field(repr=False)
    keyed: HMAC  # only ever copied: keying once saves half of each signature


class SigningKeys:
    """Signing keys by access key ID, date, region and service; the oldest gives way.

    `templates` are what else is remembered for the calculation of signatures.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._keys: dict[tuple[str, str, str, str], _Kept] = {}
        self.templates = Templates(capacity)

    def __len__(self) -> int:
        return len(self._keys)

    def signing_key(
        self, access_key_id: str, secret: str, date: str, region: str, service: str
    ) -> bytes:
        """The signing key for this scope, derived if it is not at hand.

        An entry made from another secret of the same access key ID is not used.
        """
        return self._kept(access_key_id, secret, date, region, service).key

    def signature(
        self,
        access_key_id: str,
        secret: str,
        date: str,
        region: str,
        service: str,
        to_sign: bytes,
    ) -> bytes:
        """The signature of a string to sign under that key: 32 bytes, HMAC-SHA-256 (RFC 2104)."""
        kept = self._keys.get((access_key_id, date, region, service))
        if kept is None or kept.secret != secret:
            kept = self._kept(access_key_id, secret, date, region, service)
        mac = kept.keyed.copy()
        mac.update(to_sign)
        return mac.finalize()

    def _kept(self, access_key_id: str, secret: str, date: str, region: str, service: str) -> _Kept:
        name = (access_key_id, date, region, service)
        kept = self._keys.get(name)
        if kept is not None and kept.secret == secret:
            return kept
        key = derive_signing_key(secret, date, region, service)
        if kept is None and len(self._keys) >= self._capacity:
            del self._keys[next(iter(self._keys))]
        made = self._keys[name] = _Kept(secret, key, HMAC(key, SHA256()))
        return made

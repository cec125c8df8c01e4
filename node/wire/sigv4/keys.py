"""A bounded cache of signing keys: four HMACs saved for every request but the first of a day.

Only scopes that were checked get here (one region, one service, at most two dates around
midnight), and only for access keys that exist, so strangers cannot push entries out.
"""

from __future__ import annotations

from node.wire.sigv4.canonical import derive_signing_key


class SigningKeys:
    """Signing keys by access key ID, date, region and service; the oldest gives way."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._keys: dict[tuple[str, str, str, str], tuple[str, bytes]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def signing_key(
        self, access_key_id: str, secret: str, date: str, region: str, service: str
    ) -> bytes:
        """The signing key for this scope, derived if it is not at hand.

        An entry made from another secret of the same access key ID is not used.
        """
        name = (access_key_id, date, region, service)
        kept = self._keys.get(name)
        if kept is not None and kept[0] == secret:
            return kept[1]
        key = derive_signing_key(secret, date, region, service)
        if kept is None and len(self._keys) >= self._capacity:
            del self._keys[next(iter(self._keys))]
        self._keys[name] = (secret, key)
        return key

"""What the hot path finds in memory: keys, credentials, identity policies (decision D10).

Looked up here, without I/O and without waiting; node.hot.view fills it, and keeps it true.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from crypto.uses import PreparedKey
from node.model.key import Key
from node.model.principal import AttachedPolicy, Credential

U = TypeVar("U", bound=PreparedKey)


class HotKey:
    """A key with a prepared key object for each of its materials, by material ID; and its ARN."""

    __slots__ = ("arn", "key", "prepared")

    def __init__(self, key: Key, prepared: Mapping[str, PreparedKey]) -> None:
        self.key: Final = key
        self.prepared: Final = prepared
        self.arn: Final = key.arn

    def current(self, use: type[U]) -> U:
        """The key object of the current material, for its one use. TypeError for another."""
        return _used(self.prepared[self.key.current_material], use)

    def of_material(self, material_id: str, use: type[U]) -> U | None:
        """The key object of a material, or None if the key has no such material."""
        found = self.prepared.get(material_id)
        return None if found is None else _used(found, use)


def _used(prepared: PreparedKey, use: type[U]) -> U:
    if not isinstance(prepared, use):
        raise TypeError(f"{prepared!r} is no {use.__name__}")
    return prepared


class AtHand:
    """What is in memory, by key ID, by access key ID and by the ARN of a principal."""

    __slots__ = ("credentials", "identities", "keys")

    def __init__(self) -> None:
        self.keys: Final[dict[str, HotKey]] = {}
        self.credentials: Final[dict[str, Credential]] = {}
        self.identities: Final[dict[str, tuple[AttachedPolicy, ...]]] = {}

    def key(self, key_id: str) -> HotKey | None:
        """The key of any account."""
        return self.keys.get(key_id)

    def credential(self, access_key_id: str) -> Credential | None:
        """See node.wire.messages.CredentialSource."""
        return self.credentials.get(access_key_id)

    def policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...] | None:
        """The policies of a user or role."""
        return self.identities.get(principal_arn)

"""The keys that seal session tokens: every region holds all of them, any may make one. Pure.

Each key is a fact of the directory under a key of its own (replication/facts.py), so that two
regions that make one at once lose neither: both open, everywhere. Which one seals is decided by
age alone, and so the same way in every region: the youngest that has had the time to get around,
or, while there is none, the oldest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from crypto.errors import SealError
from crypto.material import Randomness
from crypto.primitives import SECRET_SIZE
from crypto.sealing import RootKey, RootKeyRing
from replication.directory import FactChange
from replication.facts import Fact, Key

PREFIX: Final = "sessions"
"""The first part of the key of a fact that is about sessions, not about principals."""

PROPAGATION_SECONDS: Final = 600.0
"""How long a new key only opens, while an older one seals: until every region should have it."""

ROTATION_SECONDS: Final = 30 * 86_400.0
RETIREMENT_SECONDS: Final = 14 * 86_400.0
"""How long a key still opens once another one seals: a session lasts 36 hours at most, and a region
that is cut off may go on sealing with it until it hears of the other.
"""

_PART: Final = "key"


class _Value(msgspec.Struct, frozen=True):
    """What a fact says of a key: since when it exists (epoch seconds)."""

    made: float


@dataclass(frozen=True, slots=True, order=True)
class SessionKey:
    """One key, by age."""

    made: float
    key_id: str
    root_key: RootKey = field(compare=False, repr=False)


class SessionKeys:
    """All keys that a region knows."""

    def __init__(self, keys: Iterable[SessionKey] = ()) -> None:
        self._keys: Sequence[SessionKey] = sorted(keys)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Their IDs, the oldest first."""
        return tuple(each.key_id for each in self._keys)

    def sealing(self, now: float) -> SessionKey | None:
        """The key that seals at `now` (epoch seconds); None if there is no key at all."""
        known = [each for each in self._keys if each.made <= now - PROPAGATION_SECONDS]
        return known[-1] if known else next(iter(self._keys), None)

    def ring(self, now: float) -> RootKeyRing | None:
        """The keys to seal with, and to open with; None if there is no key at all."""
        first = self.sealing(now)
        if first is None:
            return None
        others = (each.root_key for each in self._keys if each is not first)
        return RootKeyRing([first.root_key, *others])

    def wants_another(self, now: float) -> bool:
        """Whether whoever seals at `now` is to make a key: there is none, or all are old."""
        return not self._keys or self._keys[-1].made <= now - ROTATION_SECONDS

    def retired(self, now: float) -> tuple[str, ...]:
        """The IDs of the keys that need open nothing any more."""
        first = self.sealing(now)
        if first is None:
            return ()
        sealing_since = first.made + PROPAGATION_SECONDS
        if now - sealing_since <= RETIREMENT_SECONDS:
            return ()
        return tuple(each.key_id for each in self._keys if each < first)


def new_key(randomness: Randomness, now: float) -> FactChange:
    """The fact that makes a key."""
    secret = randomness(SECRET_SIZE)
    value = msgspec.msgpack.encode(_Value(now))
    return FactChange(_fact_key(RootKey(secret).root_key_id), value, secret)


def retirement(key_id: str) -> FactChange:
    """The fact that takes a key back."""
    return FactChange(_fact_key(key_id), None)


def is_of_sessions(key: Key) -> bool:
    """Whether a fact is about sessions."""
    return key[:1] == (PREFIX,)


def session_key(fact: Fact) -> SessionKey | None:
    """The key that a fact holds; None if it was taken back, has not reached this region whole, or
    is not one that this version makes.
    """
    if fact.value is None or fact.secret is None:
        return None
    try:
        value = msgspec.msgpack.decode(fact.value, type=_Value)
        root_key = RootKey(fact.secret)
    except (msgspec.MsgspecError, ValueError, SealError):
        return None
    if fact.key != _fact_key(root_key.root_key_id):
        return None
    return SessionKey(value.made, root_key.root_key_id, root_key)


def _fact_key(key_id: str) -> Key:
    return (PREFIX, _PART, key_id)

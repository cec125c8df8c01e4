"""The facts that the directory is made of: their keys, and the values that they have.

A fact is about one part of one user, group, role or policy (an *entity*), which is named by its
unique ID: `(account, unique ID, part, what of it)`. So what was said of a deleted user is never
said of another one who gets the name. Parts are as small as what one call changes, so that two
regions which change different things at once lose nothing (replication/facts.py).

Source: IAM User Guide, "IAM identifiers", on unique IDs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import msgspec

from replication.facts import Key

PART_MOST: Final = 512  # characters of what a key names; the longest is the ARN of a policy
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
_UNIQUE_ID: Final = re.compile(r"(AIDA|AGPA|AROA|ANPA)[A-Z0-9]{12,124}", re.ASCII)


class Kind(StrEnum):
    """What an entity is, by the prefix of its unique ID."""

    USER = "AIDA"
    GROUP = "AGPA"
    ROLE = "AROA"
    POLICY = "ANPA"


class Part(StrEnum):
    """What a fact tells of an entity."""

    MADE = "made"  # it exists; once this is taken back, it never does again
    NAME = "name"
    ABOUT = "about"
    TRUST = "trust"  # of a role: who may assume it
    TAG = "tag"
    INLINE = "inline"
    ATTACHED = "attached"  # the unique ID of a policy, or the ARN of one of AWS's
    MEMBER = "member"  # of a user: the unique ID of a group
    KEY = "key"  # an access key
    STATUS = "status"  # of an access key
    VERSION = "version"  # of a policy
    DEFAULT = "default"  # which version of a policy counts


class Made(msgspec.Struct, frozen=True, gc=False):
    """Since when there is something (epoch seconds)."""

    created: float


class Name(msgspec.Struct, frozen=True, gc=False):
    """How an entity is called, and the path before that."""

    name: str
    path: str


class About(msgspec.Struct, frozen=True, gc=False):
    """What a role or a policy says of itself; the rest is of roles."""

    description: str = ""
    max_session_seconds: int = 3600


class Text(msgspec.Struct, frozen=True, gc=False):
    """A document, or a word."""

    text: str


class Tag(msgspec.Struct, frozen=True, gc=False):
    """A tag as it was written: tag keys that differ in case are one tag."""

    key: str
    value: str


class Version(msgspec.Struct, frozen=True, gc=False):
    """One version of a managed policy."""

    document: str
    created: float


VALUES: Final[Mapping[Part, type[msgspec.Struct]]] = MappingProxyType(
    {
        Part.MADE: Made,
        Part.NAME: Name,
        Part.ABOUT: About,
        Part.TRUST: Text,
        Part.TAG: Tag,
        Part.INLINE: Text,
        Part.ATTACHED: Made,
        Part.MEMBER: Made,
        Part.KEY: Made,
        Part.STATUS: Text,
        Part.VERSION: Version,
        Part.DEFAULT: Text,
    }
)
_SINGLE: Final = frozenset({Part.MADE, Part.NAME, Part.ABOUT, Part.TRUST, Part.DEFAULT})
"""Parts of which an entity has one."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decoders: Final = MappingProxyType(
    {part: msgspec.msgpack.Decoder(value).decode for part, value in VALUES.items()}
)


class NotOfTheDirectory(ValueError):
    """A fact that no node of this version makes."""


def key_of(account: str, unique_id: str, part: Part, sub: str = "") -> Key:
    """The key of a fact; `sub` says which one, where an entity may have several."""
    return (account, unique_id, part.value, sub) if sub else (account, unique_id, part.value)


def parsed_key(key: Key) -> tuple[str, str, Part, str]:
    """Account, unique ID, part and sub. Raises NotOfTheDirectory."""
    if not 3 <= len(key) <= 4 or any(not 0 < len(each) <= PART_MOST for each in key):
        raise NotOfTheDirectory
    account, unique_id, named, *sub = key
    if not _ACCOUNT.fullmatch(account) or not _UNIQUE_ID.fullmatch(unique_id):
        raise NotOfTheDirectory
    try:
        part = Part(named)
    except ValueError:
        raise NotOfTheDirectory from None
    if (part in _SINGLE) != (not sub):
        raise NotOfTheDirectory
    return account, unique_id, part, sub[0] if sub else ""


def packed(value: msgspec.Struct) -> bytes:
    """A value as a fact has it."""
    return _encode(value)


def unpacked(part: Part, value: bytes) -> Any:
    """The value of a part, of the type that VALUES says. Raises NotOfTheDirectory."""
    try:
        return _decoders[part](value)
    except msgspec.MsgspecError:
        raise NotOfTheDirectory from None


def kind_of(unique_id: str) -> Kind:
    """What an entity is."""
    return Kind(unique_id[:4])

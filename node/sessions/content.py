"""What a session token says: whose temporary credentials they are, and how far they go. Pure."""

from __future__ import annotations

import math
import zlib
from typing import Final

import msgspec

from node.model.principal import Credential, Principal, PrincipalKind, Session, Tags

PACKED_MOST: Final = 4096
"""Bytes that the session policy and tags of a session may take, packed: a token travels in a
header, which has 8 KiB (node/wire/limits.py)."""


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """What may be long."""

    policy: str | None
    tags: Tags
    transitive: tuple[str, ...]


class Content(msgspec.Struct, frozen=True, array_like=True):
    """The content of a token: members are only ever added, at the end.

    `issuer` and `issuer_id` are the ARN and the unique ID of the role assumed, or of the user who
    asked. Times are epoch seconds. `packed` is the session policy, the tags and which of these go
    on to the next role that is assumed.
    """

    access_key_id: str
    secret: str
    account: str
    arn: str
    principal_id: str
    kind: PrincipalKind
    issuer: str
    issued: float
    expires: float
    source_identity: str
    packed: bytes

    def __repr__(self) -> str:
        return f"Content({self.access_key_id}, {self.arn})"

    @property
    def issuer_id(self) -> str:
        """The unique ID of the role assumed, or of the user who asked."""
        return self.principal_id.partition(":")[0]

    def credential(self, issuer_tags: Tags) -> Credential:
        """The credential that the token stands for; `issuer_tags` are those of the role or user."""
        held = _unpacked(self.packed)
        session = Session(
            self.issuer,
            self.issued,
            held.policy,
            source_identity=self.source_identity,
            transitive_tag_keys=held.transitive,
        )
        tags = with_issuer_tags(issuer_tags, held.tags)
        principal = Principal(self.account, self.arn, self.principal_id, self.kind, tags, session)
        return Credential(self.access_key_id, self.secret, principal, active=True)


def with_issuer_tags(issuer: Tags, session: Tags) -> Tags:
    """The tags of a session: a tag of its own goes before the role's of the same name."""
    named = {key.lower() for key, _ in session}
    return (*((key, value) for key, value in issuer if key.lower() not in named), *session)


def packed(policy: str | None, tags: Tags, transitive: tuple[str, ...]) -> bytes:
    """The session policy and tags as a token holds them. They are no secret to who has the token,
    so that compressing them tells nothing.
    """
    if policy is None and not tags:
        return b""
    return zlib.compress(msgspec.msgpack.encode(_Packed(policy, tags, transitive)), 9)


def packed_percentage(held: bytes) -> int:
    """How much of the room they take, in percent."""
    return math.ceil(100 * len(held) / PACKED_MOST)


def _unpacked(held: bytes) -> _Packed:
    if not held:
        return _Packed(None, (), ())
    return msgspec.msgpack.decode(zlib.decompress(held), type=_Packed)

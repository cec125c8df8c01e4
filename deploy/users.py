"""Who may do what on a region's Valkey server (valkey.io, "ACL").

The region's own node writes its stream, the other regions' nodes read it, and an unknown client may
ask whether the server is alive, for the health check; nobody may do anything else. Each node has
another password on each server, so that whoever controls one server learns nothing that opens
another; and the servers hold SHA-256 of the passwords (which are random), not the passwords.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crypto.material import Randomness
from replication.redis_stream import log_key

_PASSWORD_BYTES = 32
_CONNECTING = "+client|setname +client|setinfo"
_READING = f"{_CONNECTING} +xread +xrevrange"
_WRITING = f"{_CONNECTING} +xadd +xrange +xinfo|stream +xtrim +del +rename"
"""The commands that replication/redis_stream.py uses, on each side of its port."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """The password of each region's node on each region's server."""

    regions: tuple[str, ...]
    by_pair: Mapping[tuple[str, str], str] = field(repr=False)

    @classmethod
    def generate(cls, regions: Sequence[str], randomness: Randomness) -> Passwords:
        """Fresh ones, in an alphabet that needs no escape in a URL."""
        pairs = ((reader, origin) for reader in regions for origin in regions)
        return cls(tuple(regions), {pair: _password(randomness) for pair in pairs})

    def of(self, reader: str, origin: str) -> str:
        """The password of `reader`'s node on the server that holds `origin`'s stream."""
        return self.by_pair[reader, origin]


def _password(randomness: Randomness) -> str:
    return base64.urlsafe_b64encode(randomness(_PASSWORD_BYTES)).decode().rstrip("=")


def users_document(origin: str, passwords: Passwords) -> str:
    """The ACL file of the server that holds the stream of `origin`."""
    log = log_key(origin)
    own = f"~{log} ~{log}:rewritten {_WRITING}"
    other = f"%R~{log} {_READING}"
    lines = ["user default on nopass resetkeys resetchannels -@all +ping"]
    for reader in passwords.regions:
        digest = hashlib.sha256(passwords.of(reader, origin).encode()).hexdigest()
        rights = own if reader == origin else other
        lines.append(f"user {reader} on #{digest} resetkeys resetchannels -@all {rights}")
    return "\n".join(lines) + "\n"

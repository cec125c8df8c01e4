"""Session tokens: a session's content, sealed under a key that every region of the cluster holds.

So a token that one region makes opens in every other, without a call between them, and nothing is
stored. The seal is AES-256-GCM under a one-time key (crypto/sealing.py); what a token is for is
bound into it.
"""

from __future__ import annotations

import base64
from typing import Final

import msgspec

from crypto.encoding import binding
from crypto.errors import SealError
from crypto.material import Randomness
from crypto.sealing import RootKeyRing
from node.model.errors import UnrecognizedClient
from node.sessions.content import Content

_BOUND: Final = binding("keyspan session token", 1)
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Content).decode


def sealed_token(content: Content, ring: RootKeyRing, randomness: Randomness) -> str:
    """A token with this content."""
    return base64.b64encode(ring.seal(_encode(content), _BOUND, randomness)).decode("ascii")


def opened_token(token: str, access_key_id: str, ring: RootKeyRing) -> Content:
    """The content of a token that was made for this access key.

    Raises UnrecognizedClient for any other.
    """
    try:
        content = _decode(ring.open(base64.b64decode(token, validate=True), _BOUND))
    except (ValueError, SealError, msgspec.MsgspecError):
        raise UnrecognizedClient from None
    if content.access_key_id != access_key_id:
        raise UnrecognizedClient
    return content

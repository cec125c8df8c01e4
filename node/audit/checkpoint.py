"""Signed checkpoints: who holds the files cannot make the chain anew without the region's identity.

The signature is the region's Ed25519 signature (crypto.identity) over the canonical binding of the
trail, the number and hash of the line before the checkpoint, and the time.
"""

from __future__ import annotations

from typing import Final

import msgspec

from crypto.encoding import binding
from crypto.errors import InvalidSignature
from crypto.identity import PublicIdentity, RegionIdentity
from node.audit.chain import Head
from node.audit.lines import Checkpoint

SIGNATURE_PURPOSE: Final = b"keyspan audit checkpoint"


def sign_checkpoint(identity: RegionIdentity, trail: str, head: Head, time: str) -> Checkpoint:
    """The region's word that its chain stands at `head`."""
    bare = Checkpoint(identity.region, trail, head.sequence, head.hash.decode(), time)
    signature = identity.sign(SIGNATURE_PURPOSE, _signed(bare))
    return msgspec.structs.replace(bare, signature=signature.hex())


def is_signed_by(identity: PublicIdentity, checkpoint: Checkpoint) -> bool:
    """Whether the checkpoint is of this region, and signed by it."""
    try:
        signature = bytes.fromhex(checkpoint.signature)
        signed = _signed(checkpoint)
    except ValueError:
        return False
    try:
        identity.verify(SIGNATURE_PURPOSE, signed, signature)
    except InvalidSignature:
        return False
    return checkpoint.region == identity.region


def _signed(checkpoint: Checkpoint) -> bytes:
    """ValueError for what no region signs."""
    return binding(checkpoint.trail, checkpoint.sequence, checkpoint.hash, checkpoint.time)

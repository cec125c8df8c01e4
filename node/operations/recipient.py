"""The Recipient of Decrypt, GenerateDataKey and GenerateRandom: a Nitro enclave's attestation."""

from __future__ import annotations

from node.model.errors import Validation
from node.wire.shapes.structures import RecipientInfo


def refuse_recipient(recipient: RecipientInfo | None) -> None:
    """Raise Validation if there is a recipient: no attestation document can be verified here."""
    if recipient is not None:
        raise Validation("The attestation document in the request is not valid.")

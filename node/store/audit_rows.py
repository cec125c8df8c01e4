"""What a transaction has for the audit trail: stored with the change, written to the trail after.

Events about keys, and witnesses of other regions' trails. The trail takes them from here in order,
and they are removed once they are durable there.
"""

from __future__ import annotations

import uuid
from typing import Final

import msgspec

from node.audit.events import InternalEvent, event_record
from node.audit.lines import RECORD, WITNESS, Checkpoint
from node.store.rows import Rows
from replication.payloads import AuditCheckpointed

EVENT_ID_BYTES: Final = 16


class AuditRows(Rows):
    """The transaction's verbs for the audit trail."""

    def note(self, event: InternalEvent, now: float) -> None:
        """See port.Transaction."""
        random = self._sealer.randomness(EVENT_ID_BYTES)
        event_id = str(uuid.UUID(bytes=random, version=4))
        self._for_audit(RECORD, event_record(event, event_id, now))

    async def put_witness(self, origin: str, payload: AuditCheckpointed) -> None:
        """See replication.ports.ReplicaTransaction."""
        witness = Checkpoint(
            region=origin,
            trail=payload.trail,
            sequence=payload.sequence,
            hash=payload.digest.hex(),
            time=payload.time,
            signature=payload.signature.hex(),
        )
        self._for_audit(WITNESS, msgspec.json.encode(witness))

"""What has been acknowledged, and so what may be trimmed: pure arithmetic on positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from replication.payloads import Acknowledged, AuditCheckpointed, DigestsTold, Payload, Remark
from replication.position import Position

QUIET_ENTRIES: Final = 256
"""After so many entries that ask for no acknowledgement, one is made all the same, so that they too
can be trimmed. Acknowledgements of acknowledgements die out at this ratio."""


def first_retained(head: int, acknowledged: Mapping[str, int], retention: int) -> int:
    """The sequence number of the first entry that the log must keep.

    `head` is the last entry's number, `acknowledged` has every peer's position (0 when unknown).
    Entries older than `retention` are let go even if a peer has not read them: it will resync. The
    last entry is always kept: it shows readers where the log ends, and so whether they or the log
    went back to an old copy of a store.
    """
    everyone = min(acknowledged.values(), default=head)
    return max(1, min(max(everyone, head - retention) + 1, head))


def changes_nothing(payload: Payload) -> bool:
    """Whether an entry only tells of what its region knows, and changes nothing in any other."""
    return isinstance(payload, Acknowledged | DigestsTold | AuditCheckpointed | Remark)


def wants_acknowledgement(payload: Payload) -> bool:
    """Whether an applied entry is a reason to acknowledge at once."""
    return not changes_nothing(payload)


def acknowledgement_due(applied: Position, acknowledged: Position | None, wanted: bool) -> bool:
    """Whether a subscriber that has applied up to `applied` should acknowledge now."""
    same_log = acknowledged is not None and acknowledged.log_id == applied.log_id
    known = acknowledged.sequence if acknowledged is not None and same_log else 0
    return (wanted and applied.sequence > known) or applied.sequence - known >= QUIET_ENTRIES

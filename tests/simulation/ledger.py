"""What every region truly committed to its log, and the check of what others then apply.

The ledger is told by the stores themselves, below everything that an attacker can reach. It reads
entries with a decoder of its own and repeats none of the rules under test: an entry may be applied
if its origin committed it and it is the very next one, or begins the answer that was asked for.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from replication.position import Cursor, CursorState
from replication.reading import Readied
from tests.simulation.memory_store import State
from tests.simulation.violation import Invariant, Violation


@dataclass(frozen=True, slots=True)
class Committed:
    """One entry of a region's own log, as it was committed. `payload` has plain values."""

    log_id: bytes
    sequence: int
    previous: bytes
    digest: bytes
    kind: str
    payload: Mapping[str, Any]


class Ledger:
    """Every entry that any region ever committed."""

    def __init__(self) -> None:
        self._committed: dict[str, dict[bytes, Committed]] = defaultdict(dict)

    def record(self, region: str, before: State, after: State) -> Sequence[Committed]:
        """Note what a commit added to the region's outbox; returns it."""
        same_log = before.head is not None and before.head.log_id == _log_id(after)
        first = before.head.sequence + 1 if same_log and before.head is not None else 1
        last = 0 if after.head is None else after.head.sequence
        new = [_read(after.outbox[number]) for number in range(first, last + 1)]
        for each in new:
            self._committed[region][each.digest] = each
            _check_travel(region, each)
        return new

    def check(self, region: str, origin: str, cursor: Cursor, readied: Sequence[Readied]) -> None:
        """Check entries that `region` is about to apply from where its cursor stands."""
        place = (cursor.log_id, cursor.sequence, cursor.digest)
        resyncing = cursor.state is CursorState.RESYNCING
        for each in readied:
            entry = self._committed[origin].get(each.entry.digest)
            if entry is None:
                raise Violation(
                    Invariant.I8, f"{region} applies what {origin} never wrote: {each.entry}"
                )
            if resyncing and _answers(entry, region, cursor.request):
                resyncing = False
            elif resyncing:
                if (entry.kind, entry.payload.get("region")) != ("resync-requested", region):
                    raise Violation(
                        Invariant.I8, f"{region} applies {entry.kind} of {origin} out of its turn"
                    )
                continue
            elif (entry.log_id, entry.sequence - 1, entry.previous) != place:
                raise Violation(
                    Invariant.I8,
                    f"{region} applies entry {entry.sequence} of {origin} after entry {place[1]}",
                )
            place = (entry.log_id, entry.sequence, entry.digest)

    def key_ids(self) -> set[str]:
        """Every key ID that any log entry speaks of (I7)."""
        return {
            key_id
            for log in self._committed.values()
            for each in log.values()
            for key_id in _named(each)
        }


def _check_travel(region: str, entry: Committed) -> None:
    """Imported material never leaves the region into which it was imported."""
    shared = entry.payload.get("shared", {})
    offers = entry.payload.get("offers", [])
    if shared.get("origin") == "EXTERNAL" and any(offer["materials"] for offer in offers):
        raise Violation(Invariant.I7, f"{region} sends material of {shared['key_id']}")


def _named(entry: Committed) -> set[str]:
    fields = entry.payload
    return {each for each in (fields.get("key_id"), fields.get("shared", {}).get("key_id")) if each}


def _answers(entry: Committed, region: str, request: bytes) -> bool:
    wanted = {"receiver": region, "request": request}
    return entry.kind == "resync-begun" and entry.payload == wanted


def _read(data: bytes) -> Committed:
    _, body, _ = msgpack.unpackb(data)
    fields = msgpack.unpackb(body)
    return Committed(
        fields["log_id"],
        fields["sequence"],
        fields["previous"],
        hashlib.sha256(data).digest(),
        fields["kind"],
        fields["payload"],
    )


def _log_id(state: State) -> bytes:
    return b"" if state.head is None else state.head.log_id

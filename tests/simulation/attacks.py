"""What a stream suffers: accidents of a Redis server, and acts of whoever controls it.

Each takes the stream as it lies there and changes it, without any key of a region's. `Loot` is what
an attacker has kept of earlier days.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

import msgpack

from crypto.identity import RegionIdentity
from replication.entries import sign_entry
from replication.memory_stream import MemoryStream
from replication.payloads import Acknowledged, ReplicaDeleted, ResyncRequested
from replication.position import Applied, LogHead, Position

Identifier = tuple[int, int]
Kept = tuple[dict[Identifier, bytes], Identifier]


@dataclass(slots=True)
class Loot:
    """Old copies of every region's stream, and a stranger's identity in the region's name."""

    strangers: Mapping[str, RegionIdentity]
    streams: Mapping[str, MemoryStream]
    copies: dict[str, list[Kept]] = field(default_factory=dict)

    def keep(self, name: str) -> None:
        """Copy a region's stream as it is now."""
        stream = self.streams[name]
        self.copies.setdefault(name, []).append((dict(stream.entries), stream.last_id))


Attack = Callable[[Random, Loot, str], str]


def _flip(random: Random, loot: Loot, name: str) -> str:
    entries = loot.streams[name].entries
    at = random.choice(sorted(entries))
    data = bytearray(entries[at] or b"\0")
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    entries[at] = bytes(data)
    return f"one bit of entry {at[0]} is flipped"


def _truncate(random: Random, loot: Loot, name: str) -> str:
    entries = loot.streams[name].entries
    at = random.choice(sorted(entries))
    entries[at] = entries[at][: random.randrange(len(entries[at]) or 1)]
    return f"entry {at[0]} is truncated"


def _respell(random: Random, loot: Loot, name: str) -> str:
    """The same values in other bytes, as far as no signature covers them."""
    entries = loot.streams[name].entries
    at = random.choice(sorted(entries))
    entries[at] = entries[at].replace(b"\x93\x01", b"\x93\xcc\x01", 1)
    return f"the version of entry {at[0]} is spelled in two bytes"


def _cut_out(random: Random, loot: Loot, name: str) -> str:
    entries = loot.streams[name].entries
    at = random.choice(sorted(entries))
    del entries[at]
    return f"entry {at[0]} is cut out"


def _swap(random: Random, loot: Loot, name: str) -> str:
    entries = loot.streams[name].entries
    one, other = random.choice(sorted(entries)), random.choice(sorted(entries))
    entries[one], entries[other] = entries[other], entries[one]
    return f"entries {one[0]} and {other[0]} change places"


def _lose_tail(random: Random, loot: Loot, name: str) -> str:
    stream = loot.streams[name]
    first = random.choice(sorted(stream.entries))
    stream.entries = {at: data for at, data in stream.entries.items() if at < first}
    stream.last_id = max(stream.entries, default=(0, 0))
    return f"the server lost everything from entry {first[0]} on"


def _lose_all(random: Random, loot: Loot, name: str) -> str:
    loot.streams[name].lose()
    return "the server lost everything"


def _replay_old_log(random: Random, loot: Loot, name: str) -> str:
    stream = loot.streams[name]
    entries, last_id = random.choice(loot.copies.get(name) or [({}, (0, 0))])
    stream.entries, stream.last_id = dict(entries), last_id
    return f"an old copy, up to {last_id[0]}, is put in place"


def _replay_old_entries(random: Random, loot: Loot, name: str) -> str:
    """Entries of an old copy, each at the ID that it had."""
    entries, _ = random.choice(loot.copies.get(name) or [({}, (0, 0))])
    stream = loot.streams[name]
    stream.entries.update(entries)
    stream.last_id = max(stream.last_id, max(entries, default=(0, 0)))
    return f"{len(entries)} old entries are put back"


def _repeat_at_end(random: Random, loot: Loot, name: str) -> str:
    stream = loot.streams[name]
    at = random.choice(sorted(stream.entries))
    _add(stream, (stream.last_id[0] + 1, 0), stream.entries[at])
    return f"entry {at[0]} is repeated as {stream.last_id[0]}"


def _invent_far_ahead(random: Random, loot: Loot, name: str) -> str:
    stream = loot.streams[name]
    at = (stream.last_id[0] + random.choice((2, 1000, 10**15)), random.choice((0, 7)))
    _add(stream, at, random.choice((b"", random.randbytes(40), *stream.entries.values())))
    return f"an entry with ID {at[0]}-{at[1]} is invented"


def _raise_last_id(random: Random, loot: Loot, name: str) -> str:
    stream = loot.streams[name]
    stream.last_id = (stream.last_id[0] + random.choice((1, 10**9)), 0)
    return f"the stream's last ID is raised to {stream.last_id[0]}"


def _put_between(random: Random, loot: Loot, name: str) -> str:
    stream = loot.streams[name]
    at = random.choice(sorted(stream.entries))
    _add(stream, (at[0], 1), stream.entries[at])
    return f"an entry is put between {at[0]} and {at[0] + 1}"


def _of_another_region(random: Random, loot: Loot, name: str) -> str:
    stream = loot.streams[name]
    other = random.choice([each for each in loot.streams if each != name])
    start = stream.last_id[0]
    taken = {at: data for at, data in loot.streams[other].entries.items() if at[0] > start}
    stream.entries.update(taken)
    stream.last_id = max(stream.last_id, max(taken, default=(0, 0)))
    return f"{len(taken)} entries of {other} follow"


def _forge_next(random: Random, loot: Loot, name: str) -> str:
    """What would come next, right in everything but the signature."""
    stream = loot.streams[name]
    last = max(stream.entries)
    head = _head_after(stream.entries[last])
    others = [each for each in loot.streams if each != name]
    ahead = tuple((each, Applied(Position(head.log_id, 50), bytes(32))) for each in others)
    key_id = f"mrk-{random.randbytes(16).hex()}"
    payload = random.choice(
        (ReplicaDeleted(key_id), Acknowledged(ahead), ResyncRequested(random.choice(others)))
    )
    record, _ = sign_entry(loot.strangers[name], head, payload, 0.0)
    _add(stream, (head.sequence + 1, 0), record.data)
    return f"entry {head.sequence + 1}, {type(payload).__name__}, is forged by a stranger"


def _head_after(data: bytes) -> LogHead:
    try:
        fields = msgpack.unpackb(msgpack.unpackb(data)[1])
        return LogHead(fields["log_id"], fields["sequence"], hashlib.sha256(data).digest())
    except Exception:  # noqa: BLE001  damaged already: forge the start of some log
        return LogHead(bytes(16), 0, bytes(32))


def _add(stream: MemoryStream, at: Identifier, data: bytes) -> None:
    stream.entries[at] = data
    stream.last_id = max(stream.last_id, at)


ATTACKS: Final[tuple[Attack, ...]] = (
    _flip,
    _truncate,
    _respell,
    _cut_out,
    _swap,
    _lose_tail,
    _lose_all,
    _replay_old_log,
    _replay_old_entries,
    _repeat_at_end,
    _invent_far_ahead,
    _raise_last_id,
    _put_between,
    _of_another_region,
    _forge_next,
)


def attack(random: Random, loot: Loot, name: str) -> str | None:
    """Do something to a region's stream; None if there is nothing to do it to."""
    if not loot.streams[name].entries:
        return None
    return random.choice(ATTACKS)(random, loot, name)

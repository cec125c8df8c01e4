"""What a tamperer does to a stream that holds entries which other regions have not read yet.

Each attack is a function; the table says what a reader must make of it. A tamperer has everything
that is on any server, and identities and programs of his own; he has no region's private keys.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.identity import PublicIdentity, RegionIdentity
from replication.entries import (
    ENTRY_MAX_BYTES,
    StreamEntry,
    sign_entry,
    stream_id,
    verify_entry,
)
from replication.position import LogHead
from tests.faults.streams import Stream

FAR_AHEAD: Final = "9999999999-0"
HIGHEST: Final = f"{2**64 - 1}-{2**64 - 1}"


@dataclass(frozen=True, slots=True)
class Target:
    """A stream and what the tamperer knows: `read` and `unread` are its entries that a reader has
    applied and has not, `foreign` is a true entry of another region's log."""

    stream: Stream
    identity: PublicIdentity
    read: Sequence[StreamEntry]
    unread: Sequence[StreamEntry]
    foreign: StreamEntry

    @property
    def next(self) -> StreamEntry:
        """The entry that the reader takes next."""
        return self.unread[0]

    def after_the_last(self, rest: int = 0) -> str:
        """The ID after the last one."""
        number = _number(self.unread[-1])
        return f"{number}-{rest}" if rest else stream_id(number + 1)

    def put_next(self, data: bytes) -> None:
        """Put other bytes in the place of the entry that the reader takes next."""
        changed = StreamEntry(self.next.id, data)
        self.stream.rewrite([*self.read, changed, *self.unread[1:]])


def altered(target: Target) -> None:
    """One bit of the body is flipped."""
    target.put_next(_flipped(target.next.data, len(target.next.data) // 2))


def altered_signature(target: Target) -> None:
    """One bit of the signature is flipped."""
    target.put_next(_flipped(target.next.data, -1))


def shortened(target: Target) -> None:
    """The last byte is missing."""
    target.put_next(target.next.data[:-1])


def replayed(target: Target) -> None:
    """An entry that was applied comes again, after the others."""
    target.stream.add(target.after_the_last(), target.read[-1].data)


def replayed_in_place(target: Target) -> None:
    """An entry that was applied comes again, in the place of the next one."""
    target.put_next(target.read[-1].data)


def reordered(target: Target) -> None:
    """The next two change places."""
    first, second, *rest = target.unread
    swapped = [StreamEntry(first.id, second.data), StreamEntry(second.id, first.data)]
    target.stream.rewrite([*target.read, *swapped, *rest])


def cut_out(target: Target) -> None:
    """The next one is missing, those after it are there."""
    target.stream.remove(target.next.id)


def invented(target: Target) -> None:
    """Bytes that are no entry."""
    target.put_next(b"invented")


def forged(target: Target) -> None:
    """An entry right in everything, which another identity of the same region's name signed."""
    true = verify_entry(target.identity, target.next)
    forger = RegionIdentity.generate(target.identity.region, os.urandom)
    head = LogHead(true.log_id, true.sequence - 1, true.previous)
    target.put_next(sign_entry(forger, head, true.payload, true.time)[0].data)


def far_ahead(target: Target) -> None:
    """An ID far ahead, below which the server takes nothing from an honest publisher."""
    target.stream.add(FAR_AHEAD, b"invented")


def copied_far_ahead(target: Target) -> None:
    """A true entry again, at an ID far ahead."""
    target.stream.add(FAR_AHEAD, target.unread[-1].data)


def highest(target: Target) -> None:
    """The highest ID that there can be."""
    target.stream.add(HIGHEST, b"invented")


def half_id(target: Target) -> None:
    """An ID between two of a node's, with the true entry before it."""
    target.stream.add(target.after_the_last(rest=5), target.unread[-1].data)


def invented_half_id(target: Target) -> None:
    """An ID between two of a node's, right after what was read."""
    between = StreamEntry(f"{_number(target.next) - 1}-5", b"invented")
    target.stream.rewrite([*target.read, between, *target.unread])


def another_field(target: Target) -> None:
    """A true entry with a field that no node writes, after the others."""
    target.stream.add(target.after_the_last(), target.unread[-1].data, more=b"x")


def too_large(target: Target) -> None:
    """More bytes than an entry may have."""
    target.put_next(bytes(ENTRY_MAX_BYTES + 1))


def of_another_log(target: Target) -> None:
    """A true entry of another region's log, meant for this reader, in the place of the next."""
    target.put_next(target.foreign.data)


def for_another_region(target: Target) -> None:
    """The entry that offers a key to another region, in the place of the one for this reader."""
    target.put_next(target.unread[-1].data)


def another_type(target: Target) -> None:
    """No stream at all under the stream's name."""
    target.stream.replace_by_text()


def cut_off(target: Target) -> None:
    """The last one is missing: to a reader it has not been published yet."""
    target.stream.remove(target.unread[-1].id)


def old_stream(target: Target) -> None:
    """The stream as it was before."""
    target.stream.rewrite(target.read)


def deleted(target: Target) -> None:
    """No stream."""
    target.stream.delete()


def claimed_last_id(target: Target) -> None:
    """The server believes that the stream had an ID far ahead."""
    target.stream.set_last_id(FAR_AHEAD)


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack, and what a reader makes of it that meets it before the origin does.

    It applies so many `genuine` ones of the three unread entries, then refuses with `refusal`;
    without one it sees nothing that is wrong. The origin has the stream `rewritten`, unless going
    on to publish and to trim repairs it.
    """

    tamper: Callable[[Target], None]
    refusal: str | None
    genuine: int = 0
    rewritten: bool = True

    @property
    def name(self) -> str:
        return self.tamper.__name__.replace("_", " ")


UNREAD: Final = 3

ATTACKS: Final = (
    Attack(altered, "Unauthentic"),
    Attack(altered_signature, "Unauthentic"),
    Attack(shortened, "Malformed"),
    Attack(replayed, "Misaddressed", genuine=3),
    Attack(replayed_in_place, "Misaddressed"),
    Attack(reordered, "Misaddressed"),
    Attack(cut_out, "Gap"),
    Attack(invented, "Malformed"),
    Attack(forged, "Unauthentic"),
    Attack(far_ahead, "Malformed", genuine=3),
    Attack(copied_far_ahead, "Misaddressed", genuine=3),
    Attack(highest, "Malformed", genuine=3),
    Attack(half_id, "Misaddressed", genuine=3),
    Attack(invented_half_id, "Malformed", rewritten=False),
    Attack(another_field, "Malformed", genuine=3),
    Attack(too_large, "Malformed"),
    Attack(of_another_log, "Unauthentic"),
    Attack(for_another_region, "Misaddressed"),
    Attack(another_type, "Malformed"),
    Attack(cut_off, None, genuine=2),
    Attack(old_stream, None, rewritten=False),
    Attack(deleted, None, rewritten=False),
    Attack(claimed_last_id, None, genuine=3),
)


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def _number(entry: StreamEntry) -> int:
    return int(entry.id.split("-")[0])

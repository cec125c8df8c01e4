"""Digests of shared state: how two regions find out that they differ (anti-entropy).

The log carries every change, so two regions that have read each other's logs agree. A digest finds
what a log cannot: a store that was damaged, edited by hand, or wrong for a reason nobody thought
of. Each pair compares the sets of related keys that one of the two leads and both hold, so that
what a third region said, and only one of them has heard, makes no difference. The directory is
every region's, and each passes on what it hears: of that, each pair compares all.

It is done slice by slice: a slice is the directory, or all key IDs with one prefix.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Final

import msgpack

from crypto.identity import binding
from replication.facts import Fact
from replication.shared import SharedState, pack_shared

DIRECTORY: Final = "directory"
"""The slice of the facts of the directory, and how their names begin. It sorts before key IDs."""

RELATED_KEY_PREFIX: Final = "mrk-"
SETS_PER_SLICE: Final = 512
"""A slice is read and hashed at once: some 35 µs for a set, 18 ms for a full slice."""

_HEXADECIMAL: Final = "0123456789abcdef"


@dataclass(frozen=True)
class Holding:
    """What a region holds of one set: its shared state, and the IDs of the materials it has."""

    shared: SharedState
    held: frozenset[str]

    def concerns(self, region: str, peer: str) -> bool:
        """Whether the two regions compare this set: both hold it, and one of them leads it."""
        pair = {region, peer}
        return self.shared.primary in pair and pair <= set(self.shared.regions)

    @cached_property
    def fingerprint(self) -> bytes:
        """The hash of what both regions must have alike; made once, whatever the number of peers.

        Materials that the shared state does not name (an offer that was dropped) are not compared,
        nor those that each region imports for itself.
        """
        shared = self.shared
        owed = sorted(self.held & shared.materials.ids) if shared.material_travels else ()
        packed = msgpack.packb(_in_order(pack_shared(shared)))
        return hashlib.sha256(binding("keyspan shared state", packed, *owed)).digest()


@dataclass(frozen=True, slots=True)
class Compared:
    """One set, or fact, as a region would compare it with a peer. A set's name is its key ID."""

    name: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Slice:
    """What a region holds of one slice."""

    holdings: Sequence[Holding] = ()
    facts: Sequence[Fact] = ()

    def compared(self, region: str, peer: str) -> tuple[Compared, ...]:
        """What `region` compares with `peer`, by name."""
        concerning = (each for each in self.holdings if each.concerns(region, peer))
        sets = [Compared(each.shared.key_id, each.fingerprint) for each in concerning]
        facts = [Compared("/".join((DIRECTORY, *each.key)), _of_fact(each)) for each in self.facts]
        return tuple(sorted(facts + sets, key=lambda row: row.name))


def digest(rows: Iterable[Compared]) -> bytes:
    """One hash over what is compared, in the order of names."""
    fields = [field for row in rows for field in (row.name, row.fingerprint)]
    return hashlib.sha256(binding("keyspan shared state digest", *fields)).digest()


def slices(sets: int) -> Iterator[str]:
    """The prefixes of key IDs that part so many sets into slices of about SETS_PER_SLICE at the
    most. Key IDs are random, so that slices of one length are about equal.
    """
    digits = 0
    while sets > SETS_PER_SLICE * len(_HEXADECIMAL) ** digits:
        digits += 1
    for each in product(_HEXADECIMAL, repeat=digits):
        yield RELATED_KEY_PREFIX + "".join(each)


def next_slice(sets: int, last: str | None) -> str:
    """The slice to compare after `last`; after the last one, or at the beginning, the directory."""
    parts = (each for each in slices(sets) if last is not None and each > last)
    return next(parts, DIRECTORY)


def _of_fact(fact: Fact) -> bytes:
    """The hash of a fact. Of a secret only whether it is there: a stamp has one secret."""
    stamp = binding(fact.stamp.revision, repr(fact.stamp.time), fact.stamp.region)
    value = binding() if fact.value is None else binding(fact.value)
    secret = int(fact.secret is not None)
    return hashlib.sha256(binding("keyspan fact", *fact.key, stamp, value, secret)).digest()


def _in_order(value: Any) -> Any:
    """The value with every map in the order of its keys: versions may pack in another order."""
    match value:
        case dict():
            return {key: _in_order(value[key]) for key in sorted(value)}
        case list():
            return [_in_order(each) for each in value]
    return value

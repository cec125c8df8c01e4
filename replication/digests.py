"""Digests of shared state: how two regions find out that they differ (anti-entropy).

The log carries every change, so two regions that have read each other's logs agree. A digest finds
what a log cannot: a store that was damaged, edited by hand, or wrong for a reason nobody thought
of. Each pair compares the sets of related keys that one of the two leads and both hold, so that
what a third region said, and only one of them has heard, makes no difference.

Many sets are compared slice by slice: a slice is all key IDs with one prefix.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import msgpack

from crypto.identity import binding
from replication.shared import SharedState, pack_shared

RELATED_KEY_PREFIX: Final = "mrk-"
SETS_PER_SLICE: Final = 1024
_HEXADECIMAL: Final = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a region holds of one set: its shared state, and the IDs of the materials it has."""

    shared: SharedState
    held: frozenset[str]

    def concerns(self, region: str, peer: str) -> bool:
        """Whether the two regions compare this set: both hold it, and one of them leads it."""
        pair = {region, peer}
        return self.shared.primary in pair and pair <= set(self.shared.regions)

    @property
    def fingerprint(self) -> bytes:
        """The hash of what both regions must have alike.

        Materials that the shared state does not name (an offer that was dropped) are not compared,
        nor those that each region imports for itself.
        """
        shared = self.shared
        owed = sorted(self.held & shared.materials.ids) if shared.material_travels else ()
        packed = msgpack.packb(_in_order(pack_shared(shared)))
        return hashlib.sha256(binding("keyspan shared state", packed, *owed)).digest()


@dataclass(frozen=True, slots=True)
class Compared:
    """One set as a region would compare it with a peer."""

    key_id: str
    fingerprint: bytes


def compared(holdings: Iterable[Holding], region: str, peer: str) -> tuple[Compared, ...]:
    """The sets that `region` compares with `peer`, by key ID."""
    concerning = (each for each in holdings if each.concerns(region, peer))
    rows = (Compared(each.shared.key_id, each.fingerprint) for each in concerning)
    return tuple(sorted(rows, key=lambda row: row.key_id))


def digest(rows: Iterable[Compared]) -> bytes:
    """One hash over sets in the order of their key IDs."""
    fields = [field for row in rows for field in (row.key_id, row.fingerprint)]
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
    """The slice to compare after `last`; the first one after the last, or at the beginning."""
    prefixes = list(slices(sets))
    return next((each for each in prefixes if last is not None and each > last), prefixes[0])


def _in_order(value: Any) -> Any:
    """The value with every map in the order of its keys: versions may pack in another order."""
    match value:
        case dict():
            return {key: _in_order(value[key]) for key in sorted(value)}
        case list():
            return [_in_order(each) for each in value]
    return value

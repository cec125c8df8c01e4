"""How keys were used: totals per key, operation and principal, and each key's last use.

Counted from the same records that the trail has. Here is what was counted since it was last written
(node.audit.usage_file); what was written and what was not are summed up when they are asked for, as
are those of several trails. The trail is the truth (docs/audit.md).

Sources: KMS API Reference, GetKeyLastUsage; AWS KMS pricing (requests are billed by 10,000).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from typing import Final, TypeAlias

import msgspec

from node.audit.catalogue import KMS_SOURCE, USES
from node.audit.times import epoch_seconds

NO_KEY: Final = ""

Which: TypeAlias = tuple[str, str, str]
"""What a total is of: key, operation, principal. Totals are in the order of these."""

BEFORE_ALL: Final[Which] = ("", "", "")


class LastUse(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last successful cryptographic operation with a key. `moment` is epoch seconds."""

    operation: str
    moment: float
    event_id: str
    request_id: str


class KeyUse(msgspec.Struct, frozen=True):
    """When a key was last used (None: not yet), as far as was counted since `since`."""

    since: float
    last: LastUse | None


class Count(msgspec.Struct, frozen=True):
    """How often a principal called an operation on a key ("" where none was found)."""

    key: str
    operation: str
    principal: str
    served: int
    refused: int

    @property
    def which(self) -> Which:
        """What it is of."""
        return self.key, self.operation, self.principal


class Page(msgspec.Struct, frozen=True):
    """Some totals, in order, of what was counted since `since` (epoch seconds)."""

    since: float
    counts: list[Count]


class Usage:
    """What was counted and is not written yet."""

    def __init__(self) -> None:
        self._last: dict[str, LastUse] = {}
        self._counts: dict[Which, list[int]] = {}

    def __len__(self) -> int:
        """How many totals have changed."""
        return len(self._counts)

    def count(
        self, keys: Iterable[str], operation: str, principal: str, use: LastUse | None
    ) -> None:
        """Count one call on these keys; `use` is None where it was refused."""
        for key in keys or (NO_KEY,):
            which = (key, operation, principal)
            held = self._counts.get(which)
            if held is None:
                held = self._counts[which] = [0, 0]
            if use is None:
                held[1] += 1
            else:
                held[0] += 1
                if key and operation in USES:
                    self._last[key] = use

    def count_record(self, body: bytes) -> None:
        """Count a record as it stands in the trail."""
        record = _decode(body)
        arn = record.userIdentity.arn
        if record.eventSource != KMS_SOURCE or not arn:
            return
        keys = [each.ARN for each in record.resources if ":key/" in each.ARN]
        use = None
        if record.errorCode is None:
            moment = float(epoch_seconds(record.eventTime))
            use = LastUse(record.eventName, moment, record.eventID, record.requestID)
        self.count(keys, record.eventName, arn, use)

    def last(self, key_arn: str) -> LastUse | None:
        """The last use of a key."""
        return self._last.get(key_arn)

    def last_uses(self) -> Iterable[tuple[str, LastUse]]:
        """The last use of each key by its ARN."""
        return self._last.items()

    def counts(self) -> Iterable[Count]:
        """Every total, in no order."""
        return (Count(*which, *held) for which, held in self._counts.items())

    def page(self, after: Which, most: int) -> list[Count]:
        """The first totals behind `after`, in order."""
        behind = heapq.nsmallest(most, (each for each in self._counts if each > after))
        return [Count(*which, *self._counts[which]) for which in behind]

    def taken(self) -> Usage:
        """All of it; nothing is left here."""
        taken = Usage()
        taken._last, taken._counts = self._last, self._counts
        self._last, self._counts = {}, {}
        return taken

    def put_back(self, taken: Usage) -> None:
        """Count what was taken, too; what is here was counted later."""
        self._last = taken._last | self._last
        for which, (served, refused) in taken._counts.items():
            held = self._counts.setdefault(which, [0, 0])
            held[0] += served
            held[1] += refused


def summed(parts: Iterable[Sequence[Count]], most: int) -> list[Count]:
    """The first totals of all parts together, each of which begins with its own first ones."""
    together = heapq.merge(*parts, key=_which)
    sums = (_sum(which, same) for which, same in groupby(together, key=_which))
    return list(islice(sums, most))


def all_pages(pages: Sequence[Page], most: int) -> Page:
    """The first totals of several trails together; each page begins behind the same total."""
    return Page(min(each.since for each in pages), summed([each.counts for each in pages], most))


def latest(uses: Sequence[KeyUse]) -> KeyUse:
    """When a key was last used, as several trails tell together."""
    found = [each.last for each in uses if each.last is not None]
    last = max(found, key=lambda use: use.moment, default=None)
    return KeyUse(min(each.since for each in uses), last)


def _which(count: Count) -> Which:
    return count.which


def _sum(which: Which, same: Iterable[Count]) -> Count:
    served = refused = 0
    for each in same:
        served += each.served
        refused += each.refused
    return Count(*which, served, refused)


class _Identity(msgspec.Struct):
    arn: str = ""


class _Resource(msgspec.Struct):
    ARN: str


class _Counted(msgspec.Struct):
    eventSource: str  # noqa: N815 - CloudTrail's names
    eventName: str  # noqa: N815
    eventTime: str  # noqa: N815
    eventID: str  # noqa: N815
    userIdentity: _Identity  # noqa: N815
    requestID: str = ""  # noqa: N815
    errorCode: str | None = None  # noqa: N815
    resources: list[_Resource] = []


_decode = msgspec.json.Decoder(_Counted).decode

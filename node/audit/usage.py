"""How keys were used: totals per key, operation and principal, and each key's last use.

Counted from the same records that the trail has (node.audit.counting). What was written and what
was not are summed up when they are asked for, as are those of several trails. The trail is the
truth (docs/audit.md).

Sources: KMS API Reference, GetKeyLastUsage; AWS KMS pricing (requests are billed by 10,000).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from typing import Final, TypeAlias

import msgspec

from node.audit.catalogue import KMS_SOURCE
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


class _Recorded(msgspec.Struct):
    eventSource: str  # noqa: N815 - CloudTrail's names
    eventName: str  # noqa: N815
    eventTime: str  # noqa: N815
    eventID: str  # noqa: N815
    userIdentity: _Identity  # noqa: N815
    requestID: str = ""  # noqa: N815
    errorCode: str | None = None  # noqa: N815
    resources: list[_Resource] = []


_decode = msgspec.json.Decoder(_Recorded).decode


def call_in(record: bytes) -> tuple[list[str], str, str, LastUse | None] | None:
    """The call that a record is of: keys, operation, principal, and the use unless it was refused;
    None if it is not counted.
    """
    found = _decode(record)
    principal = found.userIdentity.arn
    if found.eventSource != KMS_SOURCE or not principal:
        return None
    keys = [each.ARN for each in found.resources if ":key/" in each.ARN]
    use = None
    if found.errorCode is None:
        moment = float(epoch_seconds(found.eventTime))
        use = LastUse(found.eventName, moment, found.eventID, found.requestID)
    return keys, found.eventName, principal, use

"""How keys were used: totals per key, operation and principal, and each key's last use.

Counted from the same records that the trail has, so that a restart counts on: a summary beside the
trail says how far it has counted, and what the trail has behind that is counted again. The summary
is for convenience; the trail is the truth (docs/audit.md).

Sources: KMS API Reference, GetKeyLastUsage; AWS KMS pricing (requests are billed by 10,000).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from node.audit.catalogue import KMS_SOURCE, USES
from node.audit.times import epoch_seconds

NO_KEY = ""


class LastUse(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last successful cryptographic operation with a key. `moment` is epoch seconds."""

    operation: str
    moment: float
    event_id: str
    request_id: str


class Count(msgspec.Struct, frozen=True):
    """How often a principal called an operation on a key ("" where none was found)."""

    key: str
    operation: str
    principal: str
    served: int
    refused: int


class Summary(msgspec.Struct, frozen=True):
    """What was counted of a trail up to and with line `sequence`; since when, in epoch seconds."""

    trail: str
    sequence: int
    since: float
    last: dict[str, LastUse]
    counts: list[Count]


class Usage:
    """The usage of one region's keys."""

    def __init__(self, since: float) -> None:
        """`since` is when counting began (epoch seconds)."""
        self.since = since
        self._last: dict[str, LastUse] = {}
        self._counts: dict[tuple[str, str, str], list[int]] = {}

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

    def counts(self) -> list[Count]:
        """Every total, in a stable order."""
        return [Count(*which, *held) for which, held in sorted(self._counts.items())]

    def summary(self, trail: str, sequence: int) -> bytes:
        """What was counted, to be taken up again by `resumed`."""
        last = dict(self._last)
        return msgspec.json.encode(Summary(trail, sequence, self.since, last, self.counts()))

    def of_key(self, key_arn: str) -> Usage:
        """The last use of one key alone, without any totals."""
        usage = Usage(self.since)
        if key_arn in self._last:
            usage._last[key_arn] = self._last[key_arn]
        return usage

    def with_others(self, others: Iterable[Usage]) -> Usage:
        """The usage in several trails together."""
        usage = Usage(self.since)
        for each in (self, *others):
            usage.since = min(usage.since, each.since)
            for key, use in each._last.items():
                held = usage._last.get(key)
                if held is None or held.moment < use.moment:
                    usage._last[key] = use
            for which, (served, refused) in each._counts.items():
                before = usage._counts.get(which, [0, 0])
                usage._counts[which] = [before[0] + served, before[1] + refused]
        return usage

    @classmethod
    def read(cls, data: bytes) -> Usage:
        """The usage in a summary, of whatever trail. Raises msgspec.MsgspecError."""
        return cls._of(msgspec.json.decode(data, type=Summary))

    @classmethod
    def resumed(cls, data: bytes, trail: str, last: int) -> tuple[Usage, int] | None:
        """The usage in a summary, and the line up to which it counted; None if it is not of this
        trail, or ahead of its last line.
        """
        try:
            summary = msgspec.json.decode(data, type=Summary)
        except msgspec.MsgspecError:
            return None
        if summary.trail != trail or summary.sequence > last:
            return None
        return cls._of(summary), summary.sequence

    @classmethod
    def _of(cls, summary: Summary) -> Usage:
        usage = cls(summary.since)
        usage._last = dict(summary.last)
        usage._counts = {
            (each.key, each.operation, each.principal): [each.served, each.refused]
            for each in summary.counts
        }
        return usage


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

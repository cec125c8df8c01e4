"""What a region says of itself (`Keyspan.GetStatus`), as frozen values: the node encodes them, and
whoever asked decodes them.

The answer comes over the network, so it is refused when it does not fit; fields that are unknown
to the reader are ignored, as a newer node may send more.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "AuditStatus",
    "LogStatus",
    "PeerStatus",
    "RegionStatus",
    "WaitingKey",
    "WorkerStatus",
]


class PeerStatus(msgspec.Struct, frozen=True):
    """Another region, as this one sees it.

    `position` is how far its log was applied here, `end` where its stream ends, unverified, so that
    `lag` entries are not applied. Of this region's own log the peer has applied `acknowledged`
    entries, and says so signed; it is `acknowledged_lag` behind. Since the node started it has
    refused to read on `refusals` times, last because of `last_refusal`. The two were last found to
    hold the same at `alike_at` (epoch seconds); `differing` slices were found to differ and are not
    mended, and state was asked for `repairs` times because of that.
    """

    state: str
    position: int
    end: int
    lag: int
    acknowledged: int
    acknowledged_lag: int
    reason: str | None
    refusals: int
    last_refusal: str | None
    caught_up: bool
    alike_at: float | None = None
    differing: int = 0
    repairs: int = 0


class LogStatus(msgspec.Struct, frozen=True):
    """A region's own log: the last entry, the last one published, and how many are retained.

    `rewrites` is how often its node, since it started, found a stream that differed from the log.
    """

    last: int
    published: int
    stream: str
    retained: int
    rewrites: int

    @property
    def connected(self) -> bool:
        """Whether the stream server takes the log."""
        return self.stream == "connected"


class AuditStatus(msgspec.Struct, frozen=True):
    """An audit trail: its last line, the last one signed, and when that was (epoch seconds).

    `problem` is why it cannot be written since `since`, so that every call is refused; `refused`
    were.
    """

    sequence: int
    signed: int
    signed_at: float | None
    problem: str | None
    since: float | None
    refused: int


class WorkerStatus(msgspec.Struct, frozen=True):
    """A worker process beside the leader. `pid` is None while it does not serve; it ended, and was
    started again, `ends` times. `audit` is its own trail, if it told.
    """

    number: int
    pid: int | None
    ends: int
    audit: AuditStatus | None


class WaitingKey(msgspec.Struct, frozen=True):
    """A key that waits, for a `rotation` or a `handover` to go on, until `regions` have applied
    what its primary's region told them.

    `rotation_type` is that of a rotation, AUTOMATIC or ON_DEMAND. `since` (epoch seconds) is when
    it began; None if that is no longer known.
    """

    key_id: str
    kind: str
    rotation_type: str | None
    since: float | None
    regions: list[str]


class RegionStatus(msgspec.Struct, frozen=True):
    """The answer of one region. `started` is in epoch seconds; `keys` counts them by state;
    `waiting` are keys that are led from here, `quotas` the request quotas in force, per second by
    name. `turned_away` counts what was refused before it was a call, by reason, since the start, in
    all workers. `audit` is the leader's trail, `workers` are the processes beside it.
    """

    region: str
    started: float
    keys: dict[str, int]
    log: LogStatus
    peers: dict[str, PeerStatus]
    audit: AuditStatus
    waiting: list[WaitingKey] = []
    quotas: dict[str, float] = {}
    turned_away: dict[str, int] = {}
    workers: list[WorkerStatus] = []

    @property
    def caught_up(self) -> bool:
        """Whether it has read every peer's log to the end and published all of its own."""
        published = self.log.published >= self.log.last
        return published and all(peer.caught_up for peer in self.peers.values())

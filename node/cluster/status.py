"""What a node says about itself (`Keyspan.GetStatus`), as frozen values, and what they mean.

The node is asked over the network, so its answer is decoded against these types and refused when
it does not fit; fields that are unknown here are ignored, as a newer node may send more.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

__all__ = [
    "AuditStatus",
    "LogStatus",
    "PeerStatus",
    "RegionStatus",
    "Unreachable",
    "WaitingStatus",
    "WorkerStatus",
    "complaints",
    "decode_status",
    "incidents",
]


class PeerStatus(msgspec.Struct, frozen=True):
    """How far one region has read another's log, and what it thinks of it.

    `position` of `end` entries are applied, so `lag` are not; of this region's own log the peer
    has acknowledged `acknowledged` entries and is `acknowledged_lag` behind. Since its node started
    it has refused to read on `refusals` times, last because of `last_refusal`. The two were last
    found to hold the same at `alike_at` (epoch seconds); `differing` slices of key IDs differ, and
    state was asked for `repairs` times because of that.
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
        return self.stream == "connected"


class AuditStatus(msgspec.Struct, frozen=True):
    """A region's audit trail: its last line, the last one signed, and when that was.

    `problem` is why it cannot be written since `since`; `refused` calls were turned away for it.
    """

    sequence: int
    signed: int
    signed_at: float | None
    problem: str | None
    since: float | None
    refused: int


class WorkerStatus(msgspec.Struct, frozen=True):
    """A worker process beside the node's first: `pid` is None while it does not serve, `ends` is
    how often it ended and was started again; `audit` is its own trail, if it told.
    """

    number: int
    pid: int | None
    ends: int
    audit: AuditStatus | None


class WaitingStatus(msgspec.Struct, frozen=True):
    """A key that waits, for a rotation or a handover to go on, until `regions` have heard of it;
    `since` is in epoch seconds.
    """

    key_id: str
    kind: str
    rotation_type: str | None
    since: float | None
    regions: list[str]


class RegionStatus(msgspec.Struct, frozen=True):
    """One region's answer. `started` is in epoch seconds; `keys` counts them by state; `waiting`
    are keys that it leads, `quotas` its request quotas (per second);
    `turned_away` counts what was refused before it was a call, by reason; `workers` are the
    processes beside the node's first."""

    region: str
    started: float
    keys: dict[str, int]
    log: LogStatus
    peers: dict[str, PeerStatus]
    audit: AuditStatus
    waiting: list[WaitingStatus] = []
    quotas: dict[str, float] = {}
    turned_away: dict[str, int] = {}
    workers: list[WorkerStatus] = []

    @property
    def caught_up(self) -> bool:
        """Whether it has read every peer's log to the end and published all of its own."""
        published = self.log.published >= self.log.last
        return published and all(peer.caught_up for peer in self.peers.values())


class Unreachable(msgspec.Struct, frozen=True):
    """A region that gave no status, and why."""

    region: str
    reason: str


_ATTENTION = frozenset({"refused", "unreachable"})


def decode_status(body: bytes) -> RegionStatus:
    """Decode an answer. Raises ValueError when it is not one."""
    return msgspec.json.decode(body, type=RegionStatus)


def complaints(status: RegionStatus | Unreachable) -> Iterator[str]:
    """What in one region's answer needs a person: nothing for a healthy or a catching-up region."""
    if isinstance(status, Unreachable):
        yield f"{status.region} is unreachable: {status.reason}"
        return
    if not status.log.connected:
        yield f"{status.region}'s stream is {status.log.stream}"
    if status.audit.problem is not None:
        yield f"{status.region} cannot write its audit trail: {status.audit.problem}"
    for worker in status.workers:
        yield from _complaints_of(f"{status.region}'s worker {worker.number}", worker)
    for name, peer in status.peers.items():
        if peer.state in _ATTENTION:
            yield f"{status.region} reads {name}: {peer.state}, {peer.reason or 'no reason given'}"
        if peer.differing:
            yield (
                f"{status.region} and {name} hold different shared state; `keyspan doctor` says "
                "of which keys"
            )


def _complaints_of(name: str, worker: WorkerStatus) -> Iterator[str]:
    if worker.pid is None:
        yield f"{name} does not serve; it is being started again, and the log says why it ended"
    elif worker.audit is not None and worker.audit.problem is not None:
        yield f"{name} cannot write its audit trail: {worker.audit.problem}"


def incidents(status: RegionStatus) -> Iterator[str]:
    """What happened to one region since its node started, and was dealt with, by whatever hand."""
    if status.audit.refused:
        yield (
            f"{status.region} refused calls for want of an audit trail "
            f"({_times(status.audit.refused)}); it is written again"
        )
    for worker in (each for each in status.workers if each.ends):
        name = f"{status.region}'s worker {worker.number}"
        yield f"{name} ended and was started again ({_times(worker.ends)})"
    for reason, count in status.turned_away.items():
        yield f"{status.region} turned away {reason} ({_times(count)})"
    if status.log.rewrites:
        yield (
            f"{status.region} wrote its stream anew ({_times(status.log.rewrites)}): "
            "it held something else than the log"
        )
    for name, peer in status.peers.items():
        if peer.last_refusal:
            yield (
                f"{status.region} refused to read on in {name}'s log ({_times(peer.refusals)}), "
                f"last because of {peer.last_refusal}"
            )
        if peer.repairs:
            yield (
                f"{status.region} differed from {name} and asked for its state "
                f"({_times(peer.repairs)})"
            )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"

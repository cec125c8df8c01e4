"""What statuses of regions mean to whoever asked for them: what needs a person, what happened."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from node.model.status import RegionStatus, WorkerStatus

__all__ = ["Unreachable", "complaints", "decode_status", "incidents"]


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

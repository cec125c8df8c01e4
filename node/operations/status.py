"""Keyspan.GetStatus: what this region holds, and where its replication stands.

Keyspan's own operation, signed and authorised like KMS's; `keyspan status` shows its answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from crypto.identity import PublicIdentity
from node.access.authorise import Authoriser
from node.audit.status import SinkStatus
from node.model.status import AuditStatus, LogStatus, PeerStatus, RegionStatus, WorkerStatus
from node.operations.waiting import WaitingStore, what_waits
from node.wire.messages import Call
from replication.comparison import Agreement
from replication.position import Cursor, CursorState, LogHead
from replication.publisher import PublisherStatus
from replication.subscriber import SubscriberStatus


class GetStatusRequest(msgspec.Struct, frozen=True):
    """No members."""


class Reported(NamedTuple):
    """A worker as the leader has it (node.model.status); `turned_away` as in RegionStatus."""

    number: int
    pid: int | None
    ends: int
    audit: SinkStatus | None = None
    turned_away: Mapping[str, int] = {}


async def nobody() -> Sequence[Reported]:
    """The workers beside a leader that has none."""
    return ()


class StatusStore(WaitingStore, Protocol):
    """What the status reads from the store."""

    async def count_keys(self) -> dict[str, int]: ...

    async def log_head(self) -> LogHead: ...

    async def outbox_first(self) -> int: ...

    async def cursor(self, origin: str) -> Cursor: ...


class Status:
    """Gathers the status of one region."""

    def __init__(
        self,
        identity: PublicIdentity,
        access: Authoriser,
        started: float,
        store: StatusStore,
        publisher: Callable[[], PublisherStatus],
        subscribers: Mapping[str, Callable[[], SubscriberStatus]],
        agreements: Mapping[str, Agreement],
        audit: Callable[[], SinkStatus],
        quotas: Mapping[str, float],
        turned_away: Callable[[], Mapping[str, int]],
        workers: Callable[[], Awaitable[Sequence[Reported]]] = nobody,
    ) -> None:
        self._identity = identity
        self._access = access
        self._started = started
        self._store = store
        self._publisher = publisher
        self._subscribers = subscribers
        self._agreements = agreements
        self._audit = audit
        self._quotas = quotas
        self._turned_away = turned_away
        self._workers = workers

    async def get_status(self, call: Call, request: GetStatusRequest) -> RegionStatus:
        """What this region holds, and where its replication stands."""
        await self._access.on_cluster(call, "keyspan:GetStatus", request)
        head = await self._store.log_head()
        acknowledged = await self._store.acknowledgements()
        peers = {
            peer: _peer(
                await self._store.cursor(peer),
                status(),
                self._agreements[peer],
                head.sequence,
                acknowledged.get(peer, 0),
            )
            for peer, status in self._subscribers.items()
        }
        workers = await self._workers()
        turned_away = Counter(self._turned_away())
        for each in workers:
            turned_away.update(each.turned_away)
        return RegionStatus(
            region=self._identity.region,
            started=self._started,
            keys=await self._store.count_keys(),
            log=await self._log(head),
            peers=peers,
            audit=_audit(self._audit()),
            waiting=await what_waits(self._store, self._identity),
            quotas=dict(self._quotas),
            turned_away=dict(turned_away),
            workers=[_worker(each) for each in workers],
        )

    async def _log(self, head: LogHead) -> LogStatus:
        status = self._publisher()
        first = await self._store.outbox_first()
        return LogStatus(
            last=head.sequence,
            published=status.published,
            retained=head.sequence - first + 1,
            stream="connected" if status.connected else f"unreachable: {status.problem}",
            rewrites=status.rewrites,
        )


def _audit(status: SinkStatus) -> AuditStatus:
    return AuditStatus(
        sequence=status.sequence,
        signed=status.signed,
        signed_at=status.signed_at,
        problem=status.problem,
        since=status.since,
        refused=status.refused,
    )


def _worker(worker: Reported) -> WorkerStatus:
    audit = None if worker.audit is None else _audit(worker.audit)
    return WorkerStatus(worker.number, worker.pid, worker.ends, audit)


def _peer(
    cursor: Cursor, status: SubscriberStatus, agreement: Agreement, last: int, acknowledged: int
) -> PeerStatus:
    end = max(status.end, cursor.sequence)
    return PeerStatus(
        state=_state(cursor, status),
        position=cursor.sequence,
        end=end,
        lag=end - cursor.sequence,
        acknowledged=acknowledged,
        acknowledged_lag=last - acknowledged,
        caught_up=status.caught_up,
        reason=status.problem or status.refusal or None,
        refusals=status.refusals,
        last_refusal=status.last_refusal or None,
        alike_at=agreement.alike_at,
        differing=len(agreement.differing),
        repairs=agreement.repairs,
    )


def _state(cursor: Cursor, status: SubscriberStatus) -> str:
    if not status.connected:
        return "unreachable"
    if status.refusal:
        return "refused"
    if cursor.state is not CursorState.FOLLOWING:
        return "resyncing"
    return "following"

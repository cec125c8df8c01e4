"""The keys that seal session tokens: made before they are needed, replaced as they age, and ended.

Keyspan.EndSessions is no operation of STS: AWS ends no session before its time.
"""

from __future__ import annotations

import msgspec

from node.operations.services import Services
from node.sessions.content import Content
from node.sessions.keys import new_key, retirement
from node.sessions.tokens import sealed_token
from node.wire.messages import Call
from replication.directory import FactChange


class EndSessionsRequest(msgspec.Struct, frozen=True):
    """Every session, of every account."""


class EndSessionsResponse(msgspec.Struct, frozen=True):
    """How many keys were taken back."""

    keys: int


class SessionSeal:
    """Seals the session tokens of one region. `now` is epoch seconds of the clock that requests
    are signed by.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def sealed(self, content: Content, now: float) -> str:
        """A session token with this content, which opens in every region."""
        await self.prepare(now)
        ring = (await self._services.view.session_keys()).ring(now)
        if ring is None:
            raise LookupError("the session key that was made is not there")
        return sealed_token(content, ring, self._services.randomness)

    async def prepare(self, now: float) -> None:
        """Make a key if one is wanted, and take back those that need open nothing any more."""
        keys = await self._services.view.session_keys()
        changes = [retirement(each) for each in keys.retired(now)]
        if keys.wants_another(now):
            changes.append(new_key(self._services.randomness, now))
        if changes:
            await self._change(changes)

    async def end_sessions(self, call: Call, request: EndSessionsRequest) -> EndSessionsResponse:
        """Take back every key that this region knows, and make another one: what they sealed opens
        nowhere any more, as soon as each region has heard of it.
        """
        await self._services.access.on_cluster(call, "keyspan:EndSessions", request)
        known = (await self._services.view.session_keys()).key_ids
        made = new_key(self._services.randomness, call.received)
        await self._change([*(retirement(each) for each in known), made])
        return EndSessionsResponse(len(known))

    async def _change(self, changes: list[FactChange]) -> None:
        services = self._services
        async with services.store.transaction() as transaction:
            await services.directory.change(transaction, changes)

"""What a worker does with a request: answers it by itself, or has the leader answer it.

Before either, it takes over what was changed since the last one. What a region has acknowledged is
thus seen by whatever is asked of any of its workers afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection

from node.model.errors import Internal
from node.wire.messages import WireRequest, WireResponse
from node.wire.protocol import Answer, WireProtocol
from node.workers import questions
from node.workers.channel import Channel, Lost
from node.workers.page import ChangePage

logger = logging.getLogger("keyspan.workers")


class Following:
    """Keeps a worker's view as new as the leader's changes."""

    def __init__(self, page: ChangePage, take_over: Callable[[], Awaitable[None]]) -> None:
        """`take_over` reads what was changed."""
        self.page = page
        self._take_over = take_over
        self.seen = page.changes

    async def follow(self) -> None:
        """Take over what was changed before this call."""
        changes = self.page.changes
        if changes != self.seen:
            await self._take_over()
            self.seen = max(self.seen, changes)


class Door:
    """A worker's answers (node.wire.http.site.Answering)."""

    def __init__(
        self,
        protocol: WireProtocol,
        own: Collection[str],
        following: Following,
        leader: Channel,
    ) -> None:
        """`own` are the targets that `protocol` answers here."""
        self.recorded = protocol.recorded
        self.refusal = protocol.refusal
        self.turned_away = protocol.turned_away
        self._protocol = protocol
        self._own = frozenset(own)
        self._following = following
        self._page = following.page
        self._leader = leader

    @property
    def problem(self) -> str | None:
        """See WireProtocol."""
        return self._protocol.problem

    async def answer(self, request: WireRequest) -> Answer:
        """See WireProtocol."""
        if self._page.changes != self._following.seen:
            try:
                await self._following.follow()
            except Exception:
                logger.exception("changes could not be read; a request is refused")
                return self._protocol.passed_on(request, self._refused(request))
        if request.headers.get("x-amz-target") in self._own:
            return await self._protocol.answer(request)
        return self._protocol.passed_on(request, await self._of_leader(request))

    async def _of_leader(self, request: WireRequest) -> WireResponse:
        try:
            answer = await self._leader.ask(questions.CALL, questions.asking(request))
        except Lost:
            return self._refused(request)
        return questions.response_of(answer)

    def _refused(self, request: WireRequest) -> WireResponse:
        return self._protocol.turned_away(request, Internal())

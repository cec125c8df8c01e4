"""Making the keys that seal session tokens: the first before it is needed, others as they age."""

from __future__ import annotations

from node.operations.services import Services
from node.sessions.content import Content
from node.sessions.keys import new_key, retirement
from node.sessions.tokens import sealed_token


class SessionSeal:
    """Seals the session tokens of one region."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def sealed(self, content: Content, now: float) -> str:
        """A session token with this content, which opens in every region. `now` is epoch seconds
        of the clock that requests are signed by.
        """
        await self.prepare(now)
        ring = (await self._services.view.session_keys()).ring(now)
        if ring is None:
            raise LookupError("the session key that was made is not there")
        return sealed_token(content, ring, self._services.randomness)

    async def prepare(self, now: float) -> None:
        """Make a key if one is wanted, and take back those that need open nothing any more."""
        services = self._services
        keys = await services.view.session_keys()
        changes = [retirement(each) for each in keys.retired(now)]
        if keys.wants_another(now):
            changes.append(new_key(services.randomness, now))
        if not changes:
            return
        async with services.store.transaction() as transaction:
            await services.directory.change(transaction, changes)
        services.replication.appended()

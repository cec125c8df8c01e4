"""The session keys of a region in memory, and the temporary credentials that it has opened.

The hot path (decision D10): a token that was opened before is found again by its access key, with
no cryptography and nothing to wait for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple, Protocol

from node.directory.book import Book
from node.model.errors import ExpiredToken, UnrecognizedClient
from node.model.principal import Credential, Principal, Tags
from node.sessions.content import Content
from node.sessions.keys import PREFIX, SessionKeys, session_key
from node.sessions.tokens import opened_token
from replication.facts import Fact

OPENED_MOST: Final = 4096


class SessionStore(Protocol):
    """What is read of session keys from the key store."""

    async def read_facts_of(self, prefix: str) -> Sequence[Fact]:
        """The facts whose keys begin with this part, with their secrets."""
        ...

    async def read_lasting_principals(self) -> Sequence[Principal]:
        """Those whom the settings, or a seed, gave."""
        ...


class _Opened(NamedTuple):
    token: str
    credential: Credential
    expires: float


class OpenSessions:
    """Opens the session tokens of one region. Whoever calls sees to it that calls take turns."""

    def __init__(self, store: SessionStore, book: Callable[[], Awaitable[Book]]) -> None:
        """`book` gives the directory."""
        self._store = store
        self._book = book
        self._keys: SessionKeys | None = None
        self._opened: dict[str, _Opened] = {}

    async def keys(self) -> SessionKeys:
        """The keys that this region knows."""
        if self._keys is None:
            facts = await self._store.read_facts_of(PREFIX)
            found = (session_key(each) for each in facts)
            self._keys = SessionKeys(each for each in found if each is not None)
        return self._keys

    def forget_keys(self) -> None:
        """Read the keys anew when they are next needed."""
        self._keys = None
        self._opened.clear()

    def forget_opened(self) -> None:
        """Ask again for those whom sessions are of."""
        self._opened.clear()

    def cached(self, access_key_id: str, token: str, now: float) -> Credential | None:
        """The credential of a token that was opened before and has not expired."""
        held = self._opened.get(access_key_id)
        if held is None or held.token != token or held.expires <= now:
            return None
        return held.credential

    async def opened(self, access_key_id: str, token: str, now: float) -> Credential:
        """The credential of a token that was made for this access key, in whichever region.

        Raises UnrecognizedClient, or ExpiredToken.
        """
        ring = (await self.keys()).ring(now)
        if ring is None:
            raise UnrecognizedClient
        content = opened_token(token, access_key_id, ring)
        if content.expires <= now:
            raise ExpiredToken
        tags = await self._issuer_tags(content)
        if tags is None:
            raise UnrecognizedClient
        credential = content.credential(tags)
        if len(self._opened) >= OPENED_MOST:
            del self._opened[next(iter(self._opened))]
        self._opened[access_key_id] = _Opened(token, credential, content.expires)
        return credential

    async def _issuer_tags(self, content: Content) -> Tags | None:
        """The tags of the role or user that a session is of; None if there is none any more."""
        issuer = (await self._book()).entity(content.issuer_id)
        if issuer is not None:
            return issuer.tags
        lasting = await self._store.read_lasting_principals()
        found = (each for each in lasting if each.arn == content.issuer)
        return next((each.tags for each in found if each.principal_id == content.issuer_id), None)

"""What requests read, in memory and ready for use: keys, aliases, grants, access keys, identity
policies, the directory (decision D10).

A look-up that finds its subject here does no I/O and never suspends. A miss costs one read of the
store. What the store's change counter says was changed is read again before the writer's reply
leaves, and within WATCH_SECONDS after another process of the region changed it; a view is never
kept true by time alone. Key objects are prepared once per key material.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final, Protocol

from crypto.keys import prepared
from crypto.material import KeyMaterial
from crypto.uses import PreparedKey
from node.directory.book import Book
from node.hot.at_hand import AtHand, HotKey
from node.hot.grants import GrantIndex
from node.hot.sessions import OpenSessions, SessionStore
from node.hot.shelf import FactStore, Shelf
from node.model.grant import Grant
from node.model.key import Alias, Key
from node.model.principal import AttachedPolicy, Credential, Principal
from node.sessions.keys import SessionKeys, is_of_sessions
from node.store.alias_rows import ALIAS_SEPARATOR
from node.store.fact_rows import fact_key
from node.store.grant_rows import GRANT_SEPARATOR
from node.store.rows import Subject

KEYS_HELD: Final = 100_000
ALIASES_HELD: Final = 100_000
IDENTITIES_HELD: Final = 10_000
RELOADED_AT_ONCE: Final = 256
WATCH_SECONDS: Final = 0.25
logger = logging.getLogger(__name__)


class ViewStore(FactStore, SessionStore, Protocol):
    """What the view reads from the key store."""

    async def read_key(
        self, key_id: str, known: Collection[str] = ()
    ) -> tuple[Key, Mapping[str, KeyMaterial | None]] | None: ...

    async def read_alias(self, account: str, name: str) -> Alias | None: ...

    async def read_credential(self, access_key_id: str) -> Credential | None: ...

    async def read_aliases(self, key_id: str) -> tuple[str, ...]: ...

    async def read_grants(self, key_id: str) -> Sequence[Grant]: ...

    async def read_grant(self, grant_id: str) -> Grant | None: ...

    async def read_identity_policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]: ...

    async def read_lasting_principals(self) -> Sequence[Principal]: ...

    async def last_change(self) -> int: ...

    async def read_changes(
        self, after: int
    ) -> tuple[int, Sequence[tuple[Subject, str]] | None]: ...


class View:
    """One node's view of its store. Also the wire layer's CredentialSource."""

    def __init__(self, store: ViewStore) -> None:
        self._store = store
        self._counter = 0
        self._aliases: dict[str, str] = {}
        self._key_aliases: dict[str, tuple[str, ...]] = {}
        self._grants: dict[str, GrantIndex] = {}
        at_hand = AtHand()
        self.key_at_hand = at_hand.key
        self.policies_at_hand = at_hand.policies
        self.cached = at_hand.credential
        self._keys = at_hand.keys
        self._credentials = at_hand.credentials
        self._identities = at_hand.identities
        self._shelf = Shelf(store)
        self._sessions = OpenSessions(store, self._shelf.book)
        self._turn = asyncio.Lock()
        self._held: Mapping[Subject, dict[str, Any]] = {
            Subject.KEY: self._keys,
            Subject.ALIAS: self._aliases,
            Subject.KEY_ALIASES: self._key_aliases,
            Subject.GRANT: self._grants,
            Subject.ACCESS_KEY: self._credentials,
            Subject.IDENTITY: self._identities,
            Subject.FACT: {},
        }
        self._reloads: Mapping[Subject, Callable[[str], Awaitable[object]]] = {
            Subject.KEY: self._reload_key,
            Subject.ALIAS: self._reload_alias,
            Subject.KEY_ALIASES: self._forget_aliases,
            Subject.GRANT: self._reload_grant,
            Subject.ACCESS_KEY: self._reload_credential,
            Subject.IDENTITY: self._reload_identity,
            Subject.FACT: self._reload_fact,
        }

    async def start(self) -> None:
        """Follow the store from now on. Nothing is loaded before it is used."""
        self._counter = await self._store.last_change()

    async def key(self, account: str, key_id: str) -> HotKey | None:
        """The account's key, or None if this region has no such key."""
        hot = await self.any_key(key_id)
        return hot if hot is not None and hot.key.account == account else None

    async def any_key(self, key_id: str) -> HotKey | None:
        """The key of any account, or None if this region has no such key."""
        return self._keys.get(key_id) or await self.reloaded_key(key_id)

    async def reloaded_key(self, key_id: str) -> HotKey | None:
        """The key as the store has it now: for a material ID that the view does not know."""
        async with self._turn:  # or an older read could end after catch_up() and stay
            return await self._load_key(key_id)

    async def alias_target(self, account: str, name: str) -> str | None:
        """The ID of the key that an alias names."""
        subject = f"{account}{ALIAS_SEPARATOR}{name}"
        target = self._aliases.get(subject)
        if target is None:
            async with self._turn:
                target = await self._load_alias(subject)
        return target

    async def key_aliases(self, key_id: str) -> tuple[str, ...]:
        """The names of a key's aliases."""
        held = self._key_aliases.get(key_id)
        if held is None:
            async with self._turn:
                held = await self._store.read_aliases(key_id)
                self._key_aliases[key_id] = held
        return held

    async def grants(self, key_id: str) -> GrantIndex:
        """The grants of a key."""
        held = self._grants.get(key_id)
        if held is None:
            async with self._turn:
                held = GrantIndex(await self._store.read_grants(key_id))
                self._grants[key_id] = held
        return held

    async def reloaded_grant(self, key_id: str, grant_id: str) -> None:
        """Read a grant again: for one that the view does not know."""
        async with self._turn:
            await self._reload_grant(f"{key_id}{GRANT_SEPARATOR}{grant_id}")

    async def identity_policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]:
        """The policies that are attached to a user or role."""
        held = self._identities.get(principal_arn)
        if held is None:
            async with self._turn:
                held = await self._read_policies(principal_arn)
                if len(self._identities) >= IDENTITIES_HELD:
                    self._identities.pop(next(iter(self._identities)))
                self._identities[principal_arn] = held
        return held

    async def book(self) -> Book:
        """The directory, as far as this node has followed its store: for reading."""
        async with self._turn:
            return await self._shelf.book()

    async def latest_book(self) -> Book:
        """The directory as the store has it: for changing it, in a transaction of the store."""
        await self.catch_up()
        return await self.book()

    async def lasting_principals(self) -> Sequence[Principal]:
        """Those whose access keys the settings, or a seed, gave: of every account."""
        return await self._store.read_lasting_principals()

    async def find(self, access_key_id: str) -> Credential | None:
        """See node.wire.messages.CredentialSource."""
        async with self._turn:
            return await self._load_credential(access_key_id)

    def cached_session(self, access_key_id: str, token: str, now: float) -> Credential | None:
        """See node.wire.messages.CredentialSource."""
        return self._sessions.cached(access_key_id, token, now)

    async def session(self, access_key_id: str, token: str, now: float) -> Credential:
        """See node.wire.messages.CredentialSource."""
        async with self._turn:
            return await self._sessions.opened(access_key_id, token, now)

    async def session_keys(self) -> SessionKeys:
        """The keys that seal session tokens."""
        async with self._turn:
            return await self._sessions.keys()

    async def catch_up(self) -> None:
        """Read again whatever the store's change counter says was changed."""
        async with self._turn:
            counter, changes = await self._store.read_changes(self._counter)
            if changes is None or len(changes) > RELOADED_AT_ONCE:
                self._forget()
            else:
                for kind, subject in dict.fromkeys(changes):
                    await self._follow(kind, subject)
            self._counter = counter

    async def is_caught_up(self) -> bool:
        """Whether this view shows all that its store has."""
        return self._counter == await self._store.last_change()

    async def watch(self) -> None:
        """Follow the changes of other processes of this region, for ever."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.catch_up()
            except Exception:
                logger.exception("the store could not be read; the view is tried again")

    async def _follow(self, kind: Subject, subject: str) -> None:
        """Read one subject again. One that cannot be read is forgotten, so that the next look-up
        fails and every other change is followed all the same.
        """
        try:
            await self._reloads[kind](subject)
        except Exception:
            name = subject.partition(GRANT_SEPARATOR)[0] if kind is Subject.GRANT else subject
            self._held[kind].pop(name, None)
            logger.exception("a changed %s could not be read", kind.value)

    def _forget(self) -> None:
        for held in self._held.values():
            held.clear()
        self._shelf.forget()
        self._sessions.forget_keys()

    def _let_go(self, key_id: str) -> None:
        self._key_aliases.pop(key_id, None)
        self._grants.pop(key_id, None)

    async def _forget_aliases(self, key_id: str) -> None:
        self._key_aliases.pop(key_id, None)

    async def _reload_grant(self, subject: str) -> None:
        """Only where the key's grants are in memory; else they are read when they are needed."""
        key_id, _, grant_id = subject.partition(GRANT_SEPARATOR)
        held = self._grants.get(key_id)
        if held is None:
            return
        grant = await self._store.read_grant(grant_id)
        held.remove(grant_id)
        if grant is not None:
            held.put(grant)

    async def _reload_key(self, key_id: str) -> None:
        """As each of these: only what is in memory; the rest is read when it is needed."""
        if key_id in self._keys:
            await self._load_key(key_id)
        else:
            self._let_go(key_id)

    async def _reload_alias(self, subject: str) -> None:
        if subject in self._aliases:
            await self._load_alias(subject)

    async def _reload_credential(self, access_key_id: str) -> None:
        if access_key_id in self._credentials:
            await self._load_credential(access_key_id)

    async def _reload_identity(self, principal_arn: str) -> None:
        if principal_arn in self._identities:
            self._identities[principal_arn] = await self._read_policies(principal_arn)

    async def _read_policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]:
        """Those that the settings or a seed gave, and those of the directory."""
        lasting = await self._store.read_identity_policies(principal_arn)
        return (*lasting, *await self._shelf.policies(principal_arn))

    async def _reload_fact(self, subject: str) -> None:
        """Who is who, and may do what, follows from many facts: all of it is read again."""
        if is_of_sessions(fact_key(subject)):
            self._sessions.forget_keys()
            return
        self._sessions.forget_opened()
        self._credentials.clear()
        self._identities.clear()
        await self._shelf.reload(subject)

    async def _load_key(self, key_id: str) -> HotKey | None:
        held = self._keys.get(key_id)
        known: Mapping[str, PreparedKey] = {} if held is None else held.prepared
        found = await self._store.read_key(key_id, known)
        if found is None:
            self._keys.pop(key_id, None)
            self._let_go(key_id)
            return None
        key, materials = found
        objects = {
            name: known[name] if material is None else prepared(material, key.key_usage)
            for name, material in materials.items()
        }
        hot = HotKey(key, objects)
        if held is None and len(self._keys) >= KEYS_HELD:
            oldest = next(iter(self._keys))
            del self._keys[oldest]
            self._let_go(oldest)
        self._keys[key_id] = hot
        return hot

    async def _load_alias(self, subject: str) -> str | None:
        account, _, name = subject.partition(ALIAS_SEPARATOR)
        alias = await self._store.read_alias(account, name)
        if alias is None:
            self._aliases.pop(subject, None)
            return None
        if subject not in self._aliases and len(self._aliases) >= ALIASES_HELD:
            del self._aliases[next(iter(self._aliases))]
        self._aliases[subject] = alias.key_id
        return alias.key_id

    async def _load_credential(self, access_key_id: str) -> Credential | None:
        credential = await self._store.read_credential(access_key_id)
        if credential is None:
            credential = await self._shelf.credential(access_key_id)
        if credential is None:
            self._credentials.pop(access_key_id, None)
            return None
        self._credentials[access_key_id] = credential
        return credential

"""What the operations of one region work with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from crypto.identity import PublicIdentity
from crypto.material import Randomness
from crypto.sealing import RootKeyRing
from node.access.authorise import Authoriser
from node.access.tokens import GrantTokens
from node.hot.view import View
from node.hot.work import CallThreads
from node.model.arn import alias_arn
from node.store.port import KeyStore
from node.wire.messages import Clock
from replication.directory import Directory
from replication.elections import Elections
from replication.log import Log
from replication.primary import Primary


class Replication(Protocol):
    """What operations ask of replication."""

    async def wait_acknowledged(self, region: str, sequence: int, seconds: float) -> bool:
        """Wait until `region` has applied the log up to `sequence`, at most `seconds`."""
        ...

    def hear(self) -> AsyncIterator[bool]:
        """For each peer, as it comes to be known: whether its log is applied to an end that is read
        after this call; an answer takes a moment at most (replication.hearing).
        """
        ...

    async def wait_until(self, reached: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Ask whether something is reached, and again when peers' logs were read on, until it is,
        or `seconds` have passed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """One region, as its operations see it. `new_uuid` gives a fresh random UUID (version 4)."""

    region: str
    peers: Mapping[str, PublicIdentity]
    store: KeyStore
    view: View
    access: Authoriser
    grant_tokens: GrantTokens
    root_keys: RootKeyRing
    log: Log
    primary: Primary
    elections: Elections
    directory: Directory
    replication: Replication
    call_threads: CallThreads
    clock: Clock
    randomness: Randomness
    new_uuid: Callable[[], str]
    replicate_wait_seconds: float
    keys_of_an_account_most: int

    def alias_arn(self, account: str, name: str) -> str:
        """The ARN of an alias in this region."""
        return alias_arn(self.region, account, name)

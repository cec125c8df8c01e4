"""Rules that are broken on purpose, each in one way, to show that the simulator finds it.

A variant takes the place of one function of the real code while a simulation runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from unittest.mock import patch

from node.model import lifecycle
from node.model.key import Key, KeyState
from replication.elections import Elections
from replication.materials import Materials
from replication.position import Cursor
from replication.shared import SharedState, first_version
from tests.simulation.region import SimulatedRegion
from tests.simulation.violation import Invariant


@dataclass(frozen=True, slots=True)
class Variant:
    """One broken rule: what it breaks, where it stands, and what stands there instead.

    `seed` is one that finds it; it may change with the simulator, and is only where to look first.
    """

    invariant: Invariant
    what: str
    target: str
    instead: Any
    seed: int = 0

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The rule is broken while the block runs."""
        with patch(self.target, self.instead):
            yield


async def _stores_nothing(*_: Any) -> None:
    """Material that is offered to a key that is there is not kept."""


def _waits_for_nobody(*_: Any) -> bool:
    return True


def _keeps_the_epoch(self: SharedState, region: str, **_: Any) -> SharedState:
    others = (each for each in self.regions if each != region)
    after = replace(self, primary=region, replicas=tuple(sorted(others)))
    return replace(after, version=self.version.next_revision())


def _knows_no_order(self: SharedState, other: SharedState) -> bool:
    return self.version.revision > other.version.revision


async def _votes_and_keeps_nothing(self: Elections, transaction: Any, answer: Any) -> None:
    await self._log.append(transaction, answer)


async def _answers_and_commits_nothing(*_: Any) -> None:
    """EnableKey, DisableKey and UpdateKeyDescription, as if there were no disk."""


def _forgets_its_last_commit(self: SimulatedRegion) -> None:
    """The disk said that it had written, and had not."""
    if self.store.before is not None:
        self.store.state = self.store.before
    _CRASH(self)


def _enables_what_it_is_told_of(key: Key, shared: SharedState, now: float) -> Key:
    return replace(_SHARED_CHANGED(key, shared, now), state=KeyState.ENABLED)


def _deletes_at_once(key: Key, window_days: int, now: float) -> Key:
    due = now + window_days * lifecycle.DAY_SECONDS
    return replace(key, state=KeyState.PENDING_DELETION, deletion_date=due)


def _makes_it_multi_region(key: Key) -> SharedState:
    if key.shared is not None:
        return key.shared
    return first_version(
        account=key.account,
        key_id=key.key_id,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        origin=key.origin,
        region=key.region,
        materials=Materials.first(key.current_material or ""),
    )


def _trusts_any_signature(*_: Any) -> None:
    """Whoever signed it."""


def _follows_anything(cursor: Cursor, entry: Any) -> None:
    """Whatever came before it."""


async def _never_rewrites(self: Any) -> None:
    self._published = (await self._outbox.log_head()).sequence


def _is_sure_of_itself(*_: Any, **__: Any) -> bool:
    return False


async def _refuses_for_ever(*_: Any) -> bool:
    return False


_SHARED_CHANGED: Final = lifecycle.shared_changed
_CRASH: Final = SimulatedRegion.crash

VARIANTS: Final[Sequence[Variant]] = (
    Variant(
        Invariant.I1,
        "material offered to a key that is there is thrown away",
        "replication.applier.Applier._store_offered",
        _stores_nothing,
    ),
    Variant(
        Invariant.I2,
        "a rotation waits for nobody",
        "replication.primary.need_wait_no_longer",
        _waits_for_nobody,
    ),
    Variant(
        Invariant.I3,
        "a new primary leads on in the old one's epoch",
        "replication.shared.SharedState.with_primary",
        _keeps_the_epoch,
    ),
    Variant(
        Invariant.I3,
        "versions are compared without their epoch",
        "replication.shared.SharedState.supersedes",
        _knows_no_order,
    ),
    Variant(
        Invariant.I3,
        "a region votes for two candidates at one epoch",
        "replication.elections.Elections._answer",
        _votes_and_keeps_nothing,
        seed=54,
    ),
    Variant(
        Invariant.I4,
        "operations answer and commit nothing",
        "node.operations.keys.Keys._change",
        _answers_and_commits_nothing,
    ),
    Variant(
        Invariant.I4,
        "a crash takes the last commit with it",
        "tests.simulation.region.SimulatedRegion.crash",
        _forgets_its_last_commit,
    ),
    Variant(
        Invariant.I5,
        "a new version of shared properties enables the key",
        "node.model.lifecycle.shared_changed",
        _enables_what_it_is_told_of,
    ),
    Variant(
        Invariant.I6,
        "a primary with replicas has a window of its own",
        "node.model.lifecycle.deletion_scheduled",
        _deletes_at_once,
    ),
    Variant(
        Invariant.I7,
        "ReplicateKey takes a single-Region key",
        "node.operations.replicas._check_primary",
        _makes_it_multi_region,
    ),
    Variant(
        Invariant.I8,
        "nobody checks a signature",
        "crypto.identity.PublicIdentity.verify",
        _trusts_any_signature,
    ),
    Variant(
        Invariant.I8,
        "nobody checks what an entry follows",
        "replication.reading.follow",
        _follows_anything,
    ),
    Variant(
        Invariant.I9,
        "a stream that differs from the outbox is left so",
        "replication.publisher.Publisher._rewrite",
        _never_rewrites,
    ),
    Variant(
        Invariant.I9,
        "a region that cannot read on never asks for the state",
        "replication.subscriber.Subscriber._refuse",
        _refuses_for_ever,
    ),
    Variant(
        Invariant.I10,
        "what has not arrived is taken for made up",
        "node.operations.arrivals.may_arrive",
        _is_sure_of_itself,
        seed=1,
    ),
)

"""Two processes of one region on one store: what one writes, the other's view follows.

Any order of writes, look-ups and catching up: a look-up after catch_up() is never stale, and the
writer's own view has caught up by the time its transaction is over.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from crypto.sealing import RootKey, RootKeyRing
from node.hot.view import View
from node.model.key import KeyState
from node.store.rows import Sealer
from node.store.sql import SqlStore
from tests.migrated import make_store
from tests.unit.model.keys import ACCOUNT, HOME, key
from tests.unit.store.support import alias, material_of

PROCESSES = st.integers(0, 1)
NAMES = st.sampled_from(("alias/a", "alias/b"))
STATES = st.sampled_from((KeyState.ENABLED, KeyState.DISABLED))


class Region(RuleBasedStateMachine):
    """Two stores on one file, a view in front of each, and what is true."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._runner = asyncio.Runner()
        self._run = self._runner.run
        file = Path(self._folder.name) / "keys.sqlite"
        make_store(file)
        sealer = Sealer(HOME, RootKeyRing([RootKey.generate(os.urandom)]), os.urandom)
        self.stores = [SqlStore(file, sealer) for _ in range(2)]
        self.views = [View(store) for store in self.stores]
        self.caught_up = [True, True]
        self.states: dict[str, KeyState] = {}
        self.materials: dict[str, int] = {}
        self.aliases: dict[str, str] = {}
        self.gone: set[str] = set()
        for store, view in zip(self.stores, self.views, strict=True):
            self._run(store.open())
            store.after_commit(view.catch_up)
            self._run(view.start())

    def teardown(self) -> None:
        for store in self.stores:
            self._run(store.close())
        self._runner.close()
        self._folder.cleanup()

    @rule(process=PROCESSES, state=STATES)
    def add_key(self, process: int, state: KeyState) -> None:
        added = key(state, key_id=str(uuid.uuid4()))

        async def add() -> None:
            async with self.stores[process].transaction() as transaction:
                await transaction.add_key(added, [material_of(added.key_id)])

        self._wrote(process, add())
        self.states[added.key_id], self.materials[added.key_id] = state, 1

    @precondition(lambda self: self.states)
    @rule(process=PROCESSES, state=STATES, data=st.data())
    def change_key(self, process: int, state: KeyState, data: st.DataObject) -> None:
        key_id = data.draw(st.sampled_from(sorted(self.states)))

        async def change() -> None:
            async with self.stores[process].transaction() as transaction:
                held = await transaction.key(ACCOUNT, key_id)
                assert held is not None
                await transaction.put_key(replace(held, state=state))
                await transaction.add_materials(key_id, [material_of(key_id)])

        self._wrote(process, change())
        self.states[key_id] = state
        self.materials[key_id] += 1

    @precondition(lambda self: self.states)
    @rule(process=PROCESSES, data=st.data())
    def delete_key(self, process: int, data: st.DataObject) -> None:
        key_id = data.draw(st.sampled_from(sorted(self.states)))

        async def delete() -> None:
            async with self.stores[process].transaction() as transaction:
                held = await transaction.key(ACCOUNT, key_id)
                assert held is not None
                await transaction.delete_key(held)

        self._wrote(process, delete())
        del self.states[key_id], self.materials[key_id]
        self.gone.add(key_id)
        self.aliases = {name: each for name, each in self.aliases.items() if each != key_id}

    @precondition(lambda self: self.states)
    @rule(process=PROCESSES, name=NAMES, data=st.data())
    def put_alias(self, process: int, name: str, data: st.DataObject) -> None:
        key_id = data.draw(st.sampled_from(sorted(self.states)))

        async def put() -> None:
            async with self.stores[process].transaction() as transaction:
                await transaction.put_alias(alias(name, key_id))

        self._wrote(process, put())
        self.aliases[name] = key_id

    @rule(process=PROCESSES, name=NAMES)
    def delete_alias(self, process: int, name: str) -> None:
        async def delete() -> None:
            async with self.stores[process].transaction() as transaction:
                await transaction.delete_alias(alias(name, ""))

        self._wrote(process, delete())
        self.aliases.pop(name, None)

    @rule(process=PROCESSES)
    def fail(self, process: int) -> None:
        """A transaction that does everything and then fails; nobody may hear of it."""

        async def attempt() -> None:
            async with self.stores[process].transaction() as transaction:
                for key_id in self.states:
                    held = await transaction.key(ACCOUNT, key_id)
                    assert held is not None
                    await transaction.delete_key(held)
                raise LookupError

        try:
            self._run(attempt())
        except LookupError:
            return
        raise AssertionError("the failure was swallowed")

    @rule(process=PROCESSES)
    def catch_up(self, process: int) -> None:
        self._run(self.views[process].catch_up())
        self.caught_up[process] = True

    @rule(process=PROCESSES)
    def look_everything_up(self, process: int) -> None:
        """Fills the view, also one that has not caught up."""
        self._run(self._seen(self.views[process]))

    @invariant()
    def a_view_that_has_caught_up_is_true(self) -> None:
        for view, caught_up in zip(self.views, self.caught_up, strict=True):
            if caught_up:
                assert self._run(self._seen(view)) == (self.states, self.materials, self.aliases)
                assert self._run(self._none_seen(view))

    async def _seen(self, view: View) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        hot = {key_id: await view.key(ACCOUNT, key_id) for key_id in self.states}
        targets = {name: await view.alias_target(ACCOUNT, name) for name in ("alias/a", "alias/b")}
        return (
            {key_id: each and each.key.state for key_id, each in hot.items()},
            {key_id: each and len(each.prepared) for key_id, each in hot.items()},
            {name: target for name, target in targets.items() if target is not None},
        )

    async def _none_seen(self, view: View) -> bool:
        return not any([await view.key(ACCOUNT, key_id) for key_id in self.gone])

    def _wrote(self, process: int, write: Coroutine[Any, Any, None]) -> None:
        self._run(write)
        self.caught_up = [each == process for each in (0, 1)]


Region.TestCase.settings = settings(max_examples=8, stateful_step_count=16)
TestTwoProcesses = Region.TestCase

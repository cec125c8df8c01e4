"""Both forms of the store port, told the same and asked the same, at random.

SqlStore reads ahead and writes late (node/store/key_batch.py); the simulator's store does neither.
Whatever is done in a transaction, and wherever it is asked about, both must answer alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from crypto.sealing import RootKey, RootKeyRing
from node.model import lifecycle
from node.store.port import Transaction
from node.store.rows import Sealer
from node.store.sql import SqlStore
from replication.deletion import Deletion
from replication.offers import ReplicaProperties
from replication.position import LogHead, Position
from replication.waits import Wait, WaitKind
from tests.migrated import make_store
from tests.simulation.memory_store import MemoryStore
from tests.unit.replication.parts import ACCOUNT, AP, EU, LOG_ID, NOW, US, history, material, shared

KEY_IDS: Final = tuple(f"mrk-{number:032x}" for number in range(4))
TRANSACTIONS: Final = 12
ACTS: Final = 12  # of a transaction
PROPERTIES: Final = ReplicaProperties()

Act = Callable[[Transaction], Awaitable[Any]]
"""Does something, the same in each store; a refusal is an answer too."""


class _Mishap(Exception):
    """What ends a transaction."""


@pytest.mark.parametrize("seed", range(20))
async def test_what_is_done_and_asked_at_random_is_answered_alike(
    seed: int, tmp_path: Path
) -> None:
    random = Random(seed)
    memory, sql = MemoryStore(US, partial(asyncio.sleep, 0)), await _sql_store(tmp_path)
    for each in (memory, sql):
        async with each.transaction() as transaction:
            await transaction.begin_log(LogHead.begin(US, LOG_ID), "a" * 64)
    for _ in range(TRANSACTIONS):
        acts = [random.choice(ACTIONS)(random) for _ in range(ACTS)]
        fails = random.random() < 0.2
        answers = [await _answers(each, acts, fails=fails) for each in (memory, sql)]
        assert answers[0] == answers[1]
    await sql.close()


async def _sql_store(folder: Path) -> SqlStore:
    randomness = Random("twins").randbytes
    ring = RootKeyRing([RootKey.generate(randomness)])
    file = folder / "keys.sqlite"
    make_store(file)
    store = SqlStore(file, Sealer(US, ring, randomness))
    await store.open()
    return store


async def _answers(store: MemoryStore | SqlStore, acts: list[Act], *, fails: bool) -> list[Any]:
    answers: list[Any] = []
    try:
        async with store.transaction() as transaction:
            for act in acts:
                answers.append(await _answer(act, transaction))
            if fails:
                raise _Mishap
    except _Mishap:
        answers.append("nothing of it happened")
    return answers


async def _answer(act: Act, transaction: Transaction) -> Any:
    try:
        return await act(transaction)
    except (LookupError, ValueError):
        return "refused"


def _read_ahead(random: Random) -> Act:
    key_ids = random.sample(KEY_IDS, random.randint(0, len(KEY_IDS)))
    return lambda transaction: transaction.read_ahead(key_ids)


def _create(random: Random) -> Act:
    key_id = random.choice(KEY_IDS)
    state = shared(EU, US, revision=2, key_id=key_id, materials=history(0))
    materials = [material(each, key_id) for each in random.sample(range(4), random.randint(0, 2))]

    async def act(transaction: Transaction) -> Any:
        if await transaction.shared(key_id) is not None:
            raise ValueError
        return await transaction.create_related_key(state, PROPERTIES, materials, NOW)

    return act


def _of_a_key(random: Random, act: Callable[[Transaction, str], Awaitable[Any]]) -> Act:
    """Something that is done to a key that is held alone."""
    key_id = random.choice(KEY_IDS)

    async def checked(transaction: Transaction) -> Any:
        if await transaction.shared(key_id) is None:
            raise LookupError
        return await act(transaction, key_id)

    return checked


def _put_shared(random: Random) -> Act:
    revision, number = random.randint(3, 99), random.randint(0, 3)
    replicas = tuple(sorted(random.sample([US, AP], random.randint(1, 2))))

    async def act(transaction: Transaction, key_id: str) -> None:
        state = shared(EU, *replicas, revision=revision, key_id=key_id, materials=history(number))
        await transaction.put_shared(state, [material(number, key_id)], NOW)

    return _of_a_key(random, act)


def _add_materials(random: Random) -> Act:
    numbers = random.choices(range(6), k=random.randint(0, 3))

    async def act(transaction: Transaction, key_id: str) -> None:
        different = dict.fromkeys(numbers)
        await transaction.add_materials(key_id, [material(each, key_id) for each in different])

    return _of_a_key(random, act)


def _delete_materials(random: Random) -> Act:
    number = random.randint(0, 5)

    async def act(transaction: Transaction, key_id: str) -> None:
        await transaction.delete_materials(key_id, [material(number, key_id).material_id])

    return _of_a_key(random, act)


def _change_key(random: Random) -> Act:
    change = random.choice([lifecycle.disabled, lifecycle.enabled, lifecycle.handing_over])

    async def act(transaction: Transaction, key_id: str) -> None:
        key = await transaction.key(ACCOUNT, key_id)
        assert key is not None
        await transaction.put_key(change(key))

    return _of_a_key(random, act)


def _delete_key(random: Random) -> Act:
    async def act(transaction: Transaction, key_id: str) -> None:
        key = await transaction.key(ACCOUNT, key_id)
        assert key is not None
        await transaction.delete_key(key)

    return _of_a_key(random, act)


def _put_gone(random: Random) -> Act:
    region, sequence = random.choice([AP, EU]), random.randint(1, 99)
    return _of_a_key(
        random,
        lambda transaction, key_id: transaction.put_gone(
            key_id, region, Position(LOG_ID, sequence)
        ),
    )


def _delete_gone(random: Random) -> Act:
    region = random.choice([AP, EU])
    return _of_a_key(random, lambda transaction, key_id: transaction.delete_gone(key_id, region))


def _put_deleted(random: Random) -> Act:
    key_id, at = random.choice(KEY_IDS), Position(LOG_ID, random.randint(1, 99))
    deletion = Deletion(at, random.randint(1, 9), random.choice([AP, EU]))
    return lambda transaction: transaction.put_deletion(key_id, deletion)


def _wait(random: Random) -> Act:
    kind, sequence = random.choice(list(WaitKind)), random.randint(1, 99)
    wait = Wait(random.choice(KEY_IDS), kind, sequence)
    return lambda transaction: transaction.put_wait(wait)


def _wait_no_longer(random: Random) -> Act:
    key_id = random.choice(KEY_IDS)
    return lambda transaction: transaction.delete_wait(key_id)


def _acknowledge(random: Random) -> Act:
    region, sequence = random.choice([AP, EU]), random.randint(1, 99)
    return lambda transaction: transaction.put_acknowledged(region, sequence)


def _begin_log(random: Random) -> Act:
    head = LogHead.begin(US, random.randbytes(16))
    return lambda transaction: transaction.begin_log(head, "b" * 64)


def _handed_over(random: Random) -> Act:
    key_id = random.choice(KEY_IDS)
    return lambda transaction: transaction.handed_over(key_id)


def _ask_of_a_key(random: Random) -> Act:
    key_id = random.choice(KEY_IDS)

    async def act(transaction: Transaction) -> Any:
        return (
            await transaction.shared(key_id),
            await transaction.key(ACCOUNT, key_id),
            await transaction.held(key_id),
            dict(await transaction.gone(key_id)),
            await transaction.deletion(key_id),
            await transaction.can_lead(key_id),
        )

    return act


def _ask_tables(random: Random) -> Act:
    key_id = random.choice(KEY_IDS)

    async def act(transaction: Transaction) -> Any:
        return (
            {each.material_id for each in await transaction.materials(key_id)},
            list(await transaction.related_keys("", 9)),
            await transaction.count_related(),
            list(await transaction.holdings("mrk-")),
            sorted(await transaction.deleted_replicas()),
            sorted(await transaction.waits(), key=lambda each: each.key_id),
            [await transaction.acknowledged(each) for each in (AP, EU)],
        )

    return act


ACTIONS: Final[tuple[Callable[[Random], Act], ...]] = (
    _read_ahead,
    _create,
    _create,
    _put_shared,
    _add_materials,
    _delete_materials,
    _change_key,
    _delete_key,
    _put_gone,
    _delete_gone,
    _put_deleted,
    _wait,
    _wait_no_longer,
    _acknowledge,
    _begin_log,
    _handed_over,
    _ask_of_a_key,
    _ask_of_a_key,
    _ask_tables,
)

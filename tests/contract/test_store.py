"""What every form of the store port promises to replication (replication/ports.py).

SqlStore on a file, and the simulator's twin in memory: what the simulator finds is worth as much as
the two are alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from sqlite3 import IntegrityError

import pytest

from crypto.sealing import RootKey, RootKeyRing
from node.store.rows import Sealer
from node.store.sql import SqlStore
from replication.asks import Answer, Ask, Vote
from replication.deletion import Deletion
from replication.entries import StreamEntry, stream_id
from replication.facts import Fact
from replication.materials import Materials, PendingImport
from replication.offers import ReplicaProperties
from replication.payloads import FactStamp, PromotionRefused, WhyNot
from replication.ports import ReplicaStore, ReplicaTransaction
from replication.position import Cursor, CursorState, LogHead, Position
from replication.resync import Resync
from replication.shared import SharedState
from replication.waits import TO_BE_REPEATED, Wait, WaitKind
from tests.migrated import make_store
from tests.simulation.memory_store import MemoryStore
from tests.unit.replication.parts import (
    AP,
    EU,
    KEY_ID,
    LOG_ID,
    NOW,
    OTHER_LOG_ID,
    US,
    history,
    material,
    shared,
)

RANDOMNESS = Random("contract").randbytes
SIGNER, OTHER_SIGNER = "a" * 64, "b" * 64
REQUEST, DIGEST = b"r" * 32, b"d" * 32
BEGIN = LogHead.begin(US, LOG_ID)
PROPERTIES = ReplicaProperties("a replica", None, (("team", "alpha"),))
STATE = shared(EU, US, revision=2)
DELETION = Deletion(Position(LOG_ID, 7), 3, US)
LATER_DELETION = Deletion(Position(LOG_ID, 9), 4, EU)
CURSOR = Cursor(EU, CursorState.FOLLOWING, REQUEST, LOG_ID, 7, DIGEST)
RESYNC = Resync(EU, REQUEST, Position(LOG_ID, 4))


class _Mishap(Exception):
    """What ends a transaction in these tests."""


@pytest.fixture(params=["memory", "sql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ReplicaStore]:
    """Each form of the port in turn, with a log that was just begun."""
    if request.param == "memory":
        made: ReplicaStore = MemoryStore(US, partial(asyncio.sleep, 0))
        await _begin(made)
        yield made
        return
    ring = RootKeyRing([RootKey.generate(RANDOMNESS)])
    file = tmp_path / "keys.sqlite"
    make_store(file)
    sql = SqlStore(file, Sealer(US, ring, RANDOMNESS))
    await sql.open()
    await _begin(sql)
    yield sql
    await sql.close()


async def _begin(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        assert await transaction.log_signer() is None
        await transaction.begin_log(BEGIN, SIGNER)


def _head(sequence: int, log_id: bytes = LOG_ID) -> LogHead:
    return LogHead(log_id, sequence, b"digest of entry %17d" % sequence)


def _entry(sequence: int) -> StreamEntry:
    return StreamEntry(stream_id(sequence), b"entry %d" % sequence)


async def _append(transaction: ReplicaTransaction, first: int, last: int) -> None:
    for number in range(first, last + 1):
        await transaction.append(_entry(number), _head(number))


async def _written(store: ReplicaStore, entries: int) -> None:
    async with store.replica_transaction() as transaction:
        await _append(transaction, 1, entries)


async def _create(transaction: ReplicaTransaction, *numbers: int, key_id: str = KEY_ID) -> None:
    state = shared(EU, US, revision=2, key_id=key_id)
    materials = [material(each, key_id) for each in numbers or (0,)]
    await transaction.create_related_key(state, PROPERTIES, materials, NOW)


# The log and its outbox


async def test_a_log_that_was_begun_has_no_entries(store: ReplicaStore) -> None:
    assert await store.log_head() == BEGIN
    assert await store.outbox_first() == 1
    assert list(await store.outbox(1, 10)) == []
    assert await store.acknowledgements() == {}


async def test_what_is_appended_is_in_the_outbox_when_it_commits(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await _append(transaction, 1, 3)
        assert await transaction.log_head() == _head(3)
        assert await store.log_head() == BEGIN
        assert list(await store.outbox(1, 10)) == []
    assert await store.log_head() == _head(3)
    assert list(await store.outbox(1, 10)) == [_entry(1), _entry(2), _entry(3)]


async def test_the_outbox_is_read_in_order_from_a_number_on(store: ReplicaStore) -> None:
    await _written(store, 12)
    assert [each.id for each in await store.outbox(9, 2)] == ["9-0", "10-0"]
    assert list(await store.outbox(13, 2)) == []


async def test_trimming_forgets_what_is_below(store: ReplicaStore) -> None:
    await _written(store, 5)
    await store.trim_outbox(4)
    assert await store.outbox_first() == 4
    assert list(await store.outbox(1, 10)) == [_entry(4), _entry(5)]
    await store.trim_outbox(2)
    assert await store.outbox_first() == 4


async def test_how_long_an_answer_may_be_is_told_by_what_is_held(store: ReplicaStore) -> None:
    before = await store.answer_entries()
    async with store.replica_transaction() as transaction:
        await _create(transaction)
        await transaction.put_deletion("mrk-a-deleted-one", DELETION)
    assert await store.answer_entries() == before + 3


async def test_an_outbox_with_nothing_left_begins_behind_the_head(store: ReplicaStore) -> None:
    await _written(store, 5)
    await store.trim_outbox(900)
    assert await store.outbox_first() == 6
    assert await store.log_head() == _head(5)


async def test_a_new_log_forgets_the_old_one(store: ReplicaStore) -> None:
    await _written(store, 5)
    async with store.replica_transaction() as transaction:
        await transaction.put_acknowledged(EU, 4)
        await transaction.put_wait(Wait(KEY_ID, WaitKind.ROTATION, 3))
        await transaction.put_cursor(CURSOR)
        await transaction.put_last_acknowledgement({EU: Position(LOG_ID, 7)})
        await transaction.put_deletion(KEY_ID, DELETION)
    after = LogHead.begin(US, OTHER_LOG_ID)
    async with store.replica_transaction() as transaction:
        await transaction.begin_log(after, OTHER_SIGNER)
        assert await transaction.log_head() == after
        assert await transaction.acknowledged(EU) == 0
        assert await transaction.waits() == [Wait(KEY_ID, WaitKind.ROTATION, TO_BE_REPEATED)]
    assert await store.log_head() == after
    assert list(await store.outbox(1, 10)) == []
    assert await store.acknowledgements() == {}
    async with store.replica_transaction() as transaction:
        assert await transaction.log_signer() == OTHER_SIGNER
        assert await transaction.cursor(EU) == CURSOR
        assert await transaction.last_acknowledgement() == {EU: Position(LOG_ID, 7)}
        assert await transaction.deleted_replicas() == [KEY_ID]
        assert await transaction.deletion(KEY_ID) == DELETION


async def test_a_log_that_is_begun_anew_forgets_what_was_appended_just_before(
    store: ReplicaStore,
) -> None:
    async with store.replica_transaction() as transaction:
        await _append(transaction, 1, 3)
        await transaction.begin_log(LogHead.begin(US, OTHER_LOG_ID), SIGNER)
        await transaction.append(_entry(1), _head(1, OTHER_LOG_ID))
    assert await store.log_head() == _head(1, OTHER_LOG_ID)
    assert list(await store.outbox(1, 10)) == [_entry(1)]


async def test_acknowledgements_are_of_one_region_each(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await transaction.put_acknowledged(EU, 4)
        await transaction.put_acknowledged(AP, 2)
        await transaction.put_acknowledged(EU, 9)
        assert await transaction.acknowledged(EU) == 9
        assert await transaction.acknowledged("sa-east-1") == 0
    assert await store.acknowledgements() == {EU: 9, AP: 2}


# Other regions' logs


async def test_an_origin_that_was_never_read_has_an_unread_cursor(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        assert await transaction.cursor(EU) == Cursor.unread(EU)
        assert list(await transaction.cursors()) == []
    assert await store.cursor(EU) == Cursor.unread(EU)


@pytest.mark.parametrize("state", CursorState)
async def test_a_cursor_comes_out_as_it_went_in(store: ReplicaStore, state: CursorState) -> None:
    cursor = Cursor(EU, state, REQUEST, LOG_ID, 2**53, DIGEST)
    async with store.replica_transaction() as transaction:
        await transaction.put_cursor(CURSOR)
        await transaction.put_cursor(cursor)
        assert await transaction.cursor(EU) == cursor
    assert await store.cursor(EU) == cursor


async def test_cursors_are_of_one_origin_each(store: ReplicaStore) -> None:
    other = Cursor.unread(AP).resyncing(REQUEST)
    async with store.replica_transaction() as transaction:
        await transaction.put_cursor(CURSOR)
        await transaction.put_cursor(other)
        found = {each.origin: each for each in await transaction.cursors()}
    assert found == {EU: CURSOR, AP: other}


async def test_what_was_acknowledged_stays_when_the_cursor_moves(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await transaction.put_cursor(CURSOR)
        await transaction.put_cursor(Cursor.unread(AP).resyncing(REQUEST))
        assert await transaction.last_acknowledgement() == {}
        await transaction.put_last_acknowledgement({EU: CURSOR.position})
        await transaction.put_cursor(CURSOR.resyncing(DIGEST))
        assert await transaction.last_acknowledgement() == {EU: CURSOR.position}


async def test_an_acknowledgement_of_one_origin_leaves_the_others(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        for origin in (EU, AP):
            await transaction.put_cursor(Cursor.unread(origin).resyncing(REQUEST))
        await transaction.put_last_acknowledgement(
            {EU: Position(LOG_ID, 7), AP: Position(LOG_ID, 8)}
        )
        await transaction.put_last_acknowledgement({AP: Position(OTHER_LOG_ID, 1)})
        expected = {EU: Position(LOG_ID, 7), AP: Position(OTHER_LOG_ID, 1)}
        assert await transaction.last_acknowledgement() == expected


async def test_an_acknowledgement_of_nothing_changes_nothing(store: ReplicaStore) -> None:
    """A region that follows nobody yet has nothing to acknowledge."""
    async with store.replica_transaction() as transaction:
        await transaction.put_last_acknowledgement({})
        assert await transaction.last_acknowledgement() == {}
        await transaction.put_cursor(CURSOR)
        await transaction.put_last_acknowledgement({EU: CURSOR.position})
        await transaction.put_last_acknowledgement({})
        assert await transaction.last_acknowledgement() == {EU: CURSOR.position}


async def test_the_last_resync_of_each_peer_is_kept(store: ReplicaStore) -> None:
    later = Resync(EU, DIGEST, Position(OTHER_LOG_ID, 9), after=KEY_ID)
    other = Resync(AP, REQUEST, Position(LOG_ID, 1), after="", ended=True)
    async with store.replica_transaction() as transaction:
        for each in (RESYNC, other, later):
            await transaction.put_resync(each)
        found = {each.receiver: each for each in await transaction.resyncs()}
    assert found == {EU: later, AP: other}


# Related keys


async def test_a_related_key_is_created_from_its_offer(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await _create(transaction, 0, 1)
        assert await transaction.shared(KEY_ID) == STATE
    async with store.replica_transaction() as transaction:
        assert list(await transaction.materials(KEY_ID)) == [material(0), material(1)]
        assert await transaction.held(KEY_ID) == {
            material(0).material_id,
            material(1).material_id,
        }


async def test_a_key_that_is_not_there_has_nothing(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        assert await transaction.shared(KEY_ID) is None
        assert await transaction.held(KEY_ID) == frozenset()
        assert list(await transaction.materials(KEY_ID)) == []
        assert await transaction.deletion(KEY_ID) is None
        assert list(await transaction.related_keys("", 10)) == []


def _imported(*regions: str, revision: int = 2) -> SharedState:
    """A key with imported material, and another that awaits its rotation if `regions` have it."""
    first = Materials.none().imported_first(material(0).material_id, "first")
    pending = PendingImport(material(1).material_id, NOW, "second", regions)
    materials = replace(first, pending_import=pending if regions else None)
    state = shared(EU, US, revision=revision, materials=materials)
    return replace(state, origin="EXTERNAL")


async def test_a_key_is_created_without_the_material_that_is_imported(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await transaction.create_related_key(_imported(), PROPERTIES, (), NOW)
    async with store.replica_transaction() as transaction:
        assert await transaction.shared(KEY_ID) == _imported()
        assert await transaction.held(KEY_ID) == frozenset()


async def test_imported_material_that_the_primary_dropped_is_let_go(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await transaction.create_related_key(_imported(EU), PROPERTIES, (), NOW)
        await transaction.add_materials(KEY_ID, [material(0), material(1)])
        await transaction.put_shared(_imported(revision=3), (), NOW)
        assert await transaction.held(KEY_ID) == {material(0).material_id}
        assert list(await transaction.materials(KEY_ID)) == [material(0)]


async def test_imported_material_that_was_rotated_to_is_kept(store: ReplicaStore) -> None:
    pending = _imported(EU, US)
    async with store.replica_transaction() as transaction:
        await transaction.create_related_key(pending, PROPERTIES, (), NOW)
        await transaction.add_materials(KEY_ID, [material(0), material(1)])
        rotated = pending.with_materials(pending.materials.import_rotated(NOW))
        await transaction.put_shared(rotated, (), NOW)
        assert list(await transaction.materials(KEY_ID)) == [material(0), material(1)]


async def test_imported_material_is_kept_over_a_change_of_primary(store: ReplicaStore) -> None:
    """It may have been current where the old primary was (D6)."""
    pending = _imported(EU, US)
    promoted = replace(pending, materials=pending.materials.abandoned()).with_primary(US)
    async with store.replica_transaction() as transaction:
        await transaction.create_related_key(pending, PROPERTIES, (), NOW)
        await transaction.add_materials(KEY_ID, [material(0), material(1)])
        await transaction.put_shared(promoted, (), NOW)
        assert list(await transaction.materials(KEY_ID)) == [material(0), material(1)]


async def test_a_new_version_is_taken_over_with_its_materials(store: ReplicaStore) -> None:
    after = shared(EU, AP, US, revision=3, materials=history(0, 1))
    async with store.replica_transaction() as transaction:
        await _create(transaction)
        await transaction.put_shared(after, [material(0), material(1)], NOW)
        assert await transaction.shared(KEY_ID) == after
        assert list(await transaction.materials(KEY_ID)) == [material(0), material(1)]


async def test_fields_that_a_newer_node_added_are_kept(store: ReplicaStore) -> None:
    after = replace(STATE, unknown=b"\x81\xa5later\x2a")
    async with store.replica_transaction() as transaction:
        await _create(transaction)
        await transaction.put_shared(after, (), NOW)
    async with store.replica_transaction() as transaction:
        assert await transaction.shared(KEY_ID) == after


async def test_materials_only_grow(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await _create(transaction, 0, 1)
        await transaction.add_materials(KEY_ID, [])
        await transaction.add_materials(KEY_ID, [material(1), material(2), material(0)])
        await transaction.put_shared(STATE, [material(0)], NOW)
        expected = [material(0), material(1), material(2)]
        assert list(await transaction.materials(KEY_ID)) == expected


async def test_a_version_of_a_key_that_is_not_held_is_a_mistake(store: ReplicaStore) -> None:
    with pytest.raises(LookupError):
        async with store.replica_transaction() as transaction:
            await transaction.put_shared(STATE, (), NOW)


async def test_a_key_is_not_created_twice(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await _create(transaction)
        with pytest.raises((ValueError, IntegrityError)):
            await _create(transaction)


async def test_what_was_done_beside_a_key_that_cannot_be_created_did_not_happen(
    store: ReplicaStore,
) -> None:
    """SQL may see it only when it writes all keys of a transaction, at its end."""

    async def again() -> None:
        async with store.replica_transaction() as transaction:
            await _append(transaction, 1, 1)
            await transaction.put_cursor(CURSOR)
            await _create(transaction, key_id=f"mrk-{7:032x}")
            await _create(transaction)

    async with store.replica_transaction() as transaction:
        await _create(transaction)
    before = await _seen(store)
    with pytest.raises((ValueError, IntegrityError)):
        await again()
    assert await _seen(store) == before


async def test_related_keys_come_in_pages_by_key_id(store: ReplicaStore) -> None:
    ids = [f"mrk-{number:032x}" for number in (1, 2, 3, 10, 11)]
    async with store.replica_transaction() as transaction:
        for key_id in reversed(ids):
            await _create(transaction, key_id=key_id)
    async with store.replica_transaction() as transaction:
        found = [each.key_id for each in await transaction.related_keys("", 2)]
        assert found == ids[:2]
        found = [each.key_id for each in await transaction.related_keys(ids[1], 10)]
        assert found == ids[2:]
        assert list(await transaction.related_keys(ids[-1], 10)) == []


async def test_a_deleted_replica_is_remembered_until_it_is_held_again(
    store: ReplicaStore,
) -> None:
    async with store.replica_transaction() as transaction:
        await transaction.put_deletion(KEY_ID, DELETION)
        await transaction.put_deletion(KEY_ID, LATER_DELETION)
    async with store.replica_transaction() as transaction:
        assert await transaction.deletion(KEY_ID) == LATER_DELETION
        assert list(await transaction.deleted_replicas()) == [KEY_ID]
        await _create(transaction)
        assert await transaction.deletion(KEY_ID) is None
        assert list(await transaction.deleted_replicas()) == []


# What a primary waits for


async def test_a_key_waits_for_one_thing(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await _create(transaction)
        await transaction.put_wait(Wait(KEY_ID, WaitKind.ROTATION, 3))
        await transaction.put_wait(Wait(KEY_ID, WaitKind.HANDOVER, 5))
        assert await transaction.waits() == [Wait(KEY_ID, WaitKind.HANDOVER, 5)]
    assert await store.waiting("", 9) == [(Wait(KEY_ID, WaitKind.HANDOVER, 5), STATE)]
    async with store.replica_transaction() as transaction:
        await transaction.delete_wait(KEY_ID)
        await transaction.delete_wait(KEY_ID)
    assert await store.waiting("", 9) == []


async def test_what_waits_is_told_in_order_page_by_page(store: ReplicaStore) -> None:
    key_ids = [f"mrk-{each * 32}" for each in "cab"]
    async with store.replica_transaction() as transaction:
        for key_id in key_ids:
            await _create(transaction, key_id=key_id)
            await transaction.put_wait(Wait(key_id, WaitKind.ROTATION, 3))
        await transaction.put_wait(Wait("mrk-aabb", WaitKind.ROTATION, 3))  # of no key
    pages, after = [], ""
    while page := await store.waiting(after, 2):
        after = page[-1][0].key_id
        pages.append([shared.key_id for _, shared in page])
    first, second, third = sorted(key_ids)
    assert pages == [[first, second], [third]]


async def test_a_handover_of_a_key_that_is_gone_is_over(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await transaction.handed_over(KEY_ID)
        assert await transaction.evicted() == frozenset()


# All of it, or nothing


async def _everything(transaction: ReplicaTransaction) -> None:
    """Use every verb that writes."""
    await _append(transaction, 6, 8)
    await transaction.put_cursor(CURSOR)
    await transaction.put_last_acknowledgement({EU: CURSOR.position})
    await transaction.put_acknowledged(EU, 6)
    await transaction.put_resync(RESYNC)
    await transaction.put_deletion(f"mrk-{5:032x}", DELETION)
    await _create(transaction)
    await transaction.put_shared(shared(EU, US, revision=9), [material(1)], NOW)
    await transaction.put_wait(Wait(KEY_ID, WaitKind.ROTATION, 8))


async def _seen(store: ReplicaStore) -> tuple[object, ...]:
    """Everything that the port shows of a store."""
    async with store.replica_transaction() as transaction:
        return (
            await transaction.log_head(),
            await transaction.log_signer(),
            list(await store.outbox(1, 100)),
            await store.acknowledgements(),
            list(await transaction.cursors()),
            dict(await transaction.last_acknowledgement()),
            list(await transaction.resyncs()),
            list(await transaction.deleted_replicas()),
            list(await transaction.related_keys("", 100)),
            list(await transaction.materials(KEY_ID)),
            list(await transaction.waits()),
        )


@pytest.mark.parametrize("new_log", [True, False])
@pytest.mark.parametrize("error", [_Mishap, asyncio.CancelledError])
async def test_a_transaction_that_fails_did_nothing(
    store: ReplicaStore, error: type[BaseException], *, new_log: bool
) -> None:
    await _written(store, 5)
    before = await _seen(store)

    async def fail() -> None:
        async with store.replica_transaction() as transaction:
            await _everything(transaction)
            if new_log:
                await transaction.begin_log(LogHead.begin(US, OTHER_LOG_ID), OTHER_SIGNER)
            raise error

    with pytest.raises(error):
        await fail()
    assert await _seen(store) == before


async def test_a_transaction_that_ends_did_everything(store: ReplicaStore) -> None:
    await _written(store, 5)
    before = await _seen(store)
    async with store.replica_transaction() as transaction:
        await _everything(transaction)
    after = await _seen(store)
    unchanged = [one for one, other in zip(before, after, strict=True) if one == other]
    assert unchanged == [SIGNER]


async def test_a_store_goes_on_after_a_failure(store: ReplicaStore) -> None:
    async def fail() -> None:
        async with store.replica_transaction() as transaction:
            await _append(transaction, 1, 2)
            raise _Mishap

    with pytest.raises(_Mishap):
        await fail()
    await _written(store, 1)
    assert list(await store.outbox(1, 10)) == [_entry(1)]


async def test_writers_take_turns(store: ReplicaStore) -> None:
    async def append() -> None:
        async with store.replica_transaction() as transaction:
            sequence = (await transaction.log_head()).sequence + 1
            await asyncio.sleep(0)
            await transaction.append(_entry(sequence), _head(sequence))

    await asyncio.gather(*(append() for _ in range(8)))
    assert [each.id for each in await store.outbox(1, 10)] == [f"{n}-0" for n in range(1, 9)]


# What is compared with peers


async def test_holdings_are_of_one_slice_in_order(store: ReplicaStore) -> None:
    names = [f"mrk-{digit}{'0' * 31}" for digit in "7a1"]
    async with store.replica_transaction() as transaction:
        assert await transaction.count_related() == 0
        for name in names:
            await _create(transaction, 0, 1, key_id=name)
        assert await transaction.count_related() == 3
        assert [each.shared.key_id for each in await transaction.holdings("mrk-")] == sorted(names)
        found = await transaction.holdings("mrk-a")
        assert [each.shared.key_id for each in found] == [names[1]]
        assert found[0].held == {material(each, names[1]).material_id for each in (0, 1)}
        assert await transaction.holdings("mrk-ab") == []


async def test_a_key_without_material_is_held_all_the_same(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        state = shared(EU, US, revision=2)
        await transaction.create_related_key(state, PROPERTIES, [], NOW)
        (found,) = await transaction.holdings("mrk-")
        assert (found.shared, found.held) == (state, frozenset())


# Facts of the directory


def _fact(name: str, value: bytes | None, revision: int, secret: bytes | None = None) -> Fact:
    return Fact(("account", name), value, FactStamp(revision, NOW, US), secret)


async def test_facts_are_held_as_they_were_put_last(store: ReplicaStore) -> None:
    first, other = _fact("b", b"1", 1, b"hidden"), _fact("a", b"2", 1)
    async with store.replica_transaction() as transaction:
        await transaction.put_facts([first, other])
        assert await transaction.facts([first.key, ("account", "none")]) == [first]
    async with store.replica_transaction() as transaction:
        assert list(await transaction.all_facts()) == [other, first]
        taken_back = _fact("b", None, 2)
        await transaction.put_facts([taken_back])
        assert list(await transaction.all_facts()) == [other, taken_back]


async def test_facts_of_a_transaction_that_fails_are_not_held(store: ReplicaStore) -> None:
    with pytest.raises(_Mishap):
        await _put_and_fail(store, _fact("a", b"1", 1))
    async with store.replica_transaction() as transaction:
        assert await transaction.all_facts() == []


async def _put_and_fail(store: ReplicaStore, fact: Fact) -> None:
    async with store.replica_transaction() as transaction:
        await transaction.put_facts([fact])
        raise _Mishap


# Votes for a primary, and what is asked

VOTE = Vote(KEY_ID, 3, EU)
NO = PromotionRefused(KEY_ID, 3, US, WhyNot.VOTED, 4, AP)
ASK = Ask(STATE, 3, (EU, US), NOW, (Answer(EU, refusal=NO), Answer(US, b"an entry")))


async def test_the_last_vote_of_a_key_is_kept(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        assert await transaction.vote(KEY_ID) is None
        await transaction.put_vote(replace(VOTE, epoch=2))
        await transaction.put_vote(VOTE)
    async with store.replica_transaction() as transaction:
        assert await transaction.vote(KEY_ID) == VOTE
        assert await transaction.vote("mrk-another") is None


async def test_a_vote_that_is_not_committed_was_not_given(store: ReplicaStore) -> None:
    async def mishap() -> None:
        async with store.replica_transaction() as transaction:
            await transaction.put_vote(VOTE)
            raise _Mishap

    with pytest.raises(_Mishap):
        await mishap()
    async with store.replica_transaction() as transaction:
        assert await transaction.vote(KEY_ID) is None


async def test_an_ask_is_kept_with_its_answers(store: ReplicaStore) -> None:
    other = replace(ASK, base=replace(STATE, key_id="mrk-0"), withdrawn=True, answers=())
    async with store.replica_transaction() as transaction:
        assert await transaction.ask(KEY_ID) is None
        await transaction.put_ask(replace(ASK, epoch=2, answers=()))
        await transaction.put_ask(ASK)
        await transaction.put_ask(other)
    async with store.replica_transaction() as transaction:
        assert await transaction.ask(KEY_ID) == ASK
        assert list(await transaction.asks()) == [other, ASK]
        await transaction.delete_ask(KEY_ID)
    async with store.replica_transaction() as transaction:
        assert await transaction.ask(KEY_ID) is None
        assert list(await transaction.asks()) == [other]


async def test_a_vote_outlives_the_log_and_the_key(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await transaction.put_vote(VOTE)
        await transaction.begin_log(LogHead.begin(US, OTHER_LOG_ID), OTHER_SIGNER)
    async with store.replica_transaction() as transaction:
        assert await transaction.vote(KEY_ID) == VOTE


async def test_the_votes_of_a_state_are_kept_with_it(store: ReplicaStore) -> None:
    async with store.replica_transaction() as transaction:
        await _create(transaction)
        led = STATE.with_primary(US, epoch=5, votes=(b"one entry", b"another"))
        await transaction.put_shared(led, (), NOW)
    async with store.replica_transaction() as transaction:
        assert await transaction.shared(KEY_ID) == led

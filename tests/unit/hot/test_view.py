"""The in-memory view: one read for what it does not hold, none for what it does, never stale."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from crypto.errors import SealError
from crypto.symmetric import SymmetricCipher
from crypto.uses import Mac
from node.hot import view as view_module
from node.hot.view import View
from node.model.key import Key, KeyState
from node.model.principal import Credential, Principal
from replication.materials import Materials
from tests.unit.hot.support import FakeStore
from tests.unit.model.keys import ACCOUNT, key
from tests.unit.store.support import OTHER_ACCOUNT, alias, material_of

KEY = key()
ALIAS = alias("alias/orders", KEY.key_id)
PRINCIPAL = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/alice", "AIDAALICE", "IAMUser")
CREDENTIAL = Credential("AKIAALICE", "a secret", PRINCIPAL, active=True)


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore()
    store.put_key(KEY, [material_of(KEY.key_id)])
    store.put_alias(ALIAS)
    store.put_credential(CREDENTIAL)
    return store


@pytest.fixture
async def view(store: FakeStore) -> View:
    view = View(store)
    await view.start()
    return view


async def found(view: View) -> tuple[Key | None, str | None, Credential | None]:
    """What the view says of the three things that are in the store."""
    hot = await view.key(ACCOUNT, KEY.key_id)
    credential = view.cached(CREDENTIAL.access_key_id) or await view.find(CREDENTIAL.access_key_id)
    return (
        None if hot is None else hot.key,
        await view.alias_target(ACCOUNT, ALIAS.name),
        credential,
    )


async def test_nothing_is_read_before_it_is_asked_for(store: FakeStore, view: View) -> None:
    await view.catch_up()
    assert not store.reads
    assert view.cached(CREDENTIAL.access_key_id) is None


async def test_a_miss_costs_one_read_and_a_hit_none(store: FakeStore, view: View) -> None:
    for _ in range(3):
        assert await found(view) == (KEY, KEY.key_id, CREDENTIAL)
        assert store.reads == {"key": 1, "alias": 1, "credential": 1}


async def test_a_hit_never_suspends(view: View) -> None:
    """Driven by hand: a coroutine that finishes at its first step has waited for nothing."""
    await found(view)
    for look_up in (view.key(ACCOUNT, KEY.key_id), view.alias_target(ACCOUNT, ALIAS.name)):
        with pytest.raises(StopIteration):
            look_up.send(None)


async def test_what_does_not_exist_is_looked_for_each_time(store: FakeStore, view: View) -> None:
    for _ in range(2):
        assert await view.any_key("nothing") is None
        assert await view.alias_target(ACCOUNT, "alias/nothing") is None
        assert await view.find("AKIANOBODY") is None
    assert store.reads == {"key": 2, "alias": 2, "credential": 2, "facts": 1}


async def test_another_account_sees_neither_key_nor_alias(view: View) -> None:
    assert await view.key(OTHER_ACCOUNT, KEY.key_id) is None
    assert await view.any_key(KEY.key_id) is not None
    assert await view.alias_target(OTHER_ACCOUNT, ALIAS.name) is None


async def test_key_objects_stand_ready_for_every_material(store: FakeStore, view: View) -> None:
    materials = [material_of(KEY.key_id) for _ in range(3)]
    first, *_, last = (each.material_id for each in materials)
    store.put_key(replace(KEY, own_materials=Materials.first(last)), materials)
    hot = await view.any_key(KEY.key_id)
    assert hot is not None
    assert list(hot.prepared) == [each.material_id for each in materials]
    assert hot.current(SymmetricCipher) is hot.of_material(last, SymmetricCipher)
    assert hot.of_material(first, SymmetricCipher) is not hot.current(SymmetricCipher)
    assert hot.of_material("ab" * 32, SymmetricCipher) is None


async def test_a_key_that_changed_keeps_its_key_objects(store: FakeStore, view: View) -> None:
    old, new = material_of(KEY.key_id), material_of(KEY.key_id)
    store.put_key(replace(KEY, own_materials=Materials.first(old.material_id)), [old])
    before = await view.any_key(KEY.key_id)
    store.put_key(replace(KEY, own_materials=Materials.first(new.material_id)), [old, new])
    await view.catch_up()
    after = await view.any_key(KEY.key_id)
    assert before is not None
    assert after is not None
    assert store.opened == [old.material_id, new.material_id]
    assert after.prepared[old.material_id] is before.prepared[old.material_id]
    assert after.current(SymmetricCipher) is after.prepared[new.material_id]
    store.put_key(replace(KEY, own_materials=Materials.first(new.material_id)), [new])
    await view.catch_up()
    last = await view.any_key(KEY.key_id)
    assert last is not None
    assert list(last.prepared) == [new.material_id]


async def test_a_key_object_is_for_its_one_use(view: View) -> None:
    hot = await view.any_key(KEY.key_id)
    assert hot is not None
    with pytest.raises(TypeError, match="is no Mac"):
        hot.of_material(next(iter(hot.prepared)), Mac)


async def test_changes_are_followed(store: FakeStore, view: View) -> None:
    await found(view)
    disabled = replace(KEY, state=KeyState.DISABLED)
    store.put_key(disabled, [])
    store.put_alias(replace(ALIAS, key_id="mrk-1234abcd12ab34cd56ef1234567890ab"))
    store.put_credential(replace(CREDENTIAL, active=False))
    await view.catch_up()
    store.reads.clear()
    target = "mrk-1234abcd12ab34cd56ef1234567890ab"
    assert await found(view) == (disabled, target, replace(CREDENTIAL, active=False))
    assert not store.reads


async def test_what_was_deleted_is_gone(store: FakeStore, view: View) -> None:
    await found(view)
    store.delete_key(KEY.key_id)
    store.delete_alias(ALIAS)
    store.credentials.clear()
    store.put_credential(CREDENTIAL)
    store.credentials.clear()
    await view.catch_up()
    assert await found(view) == (None, None, None)


async def test_what_changed_often_is_read_once(store: FakeStore, view: View) -> None:
    store.put_key(KEY, [])
    await view.any_key(KEY.key_id)
    for _ in range(50):
        store.put_key(KEY, [])
    await view.catch_up()
    assert store.reads == {"key": 2}
    await view.catch_up()
    assert store.reads == {"key": 2}


async def test_a_change_of_what_nobody_has_used_reads_nothing(store: FakeStore, view: View) -> None:
    """Or a region that catches up with a million keys would read and keep each of them."""
    store.put_key(KEY, [])
    store.put_credential(CREDENTIAL)
    await view.catch_up()
    assert not store.reads
    assert view.key_at_hand(KEY.key_id) is None
    hot = await view.any_key(KEY.key_id)
    assert hot is not None
    assert hot.key == KEY


async def test_a_key_that_does_not_open_holds_nothing_else_up(store: FakeStore, view: View) -> None:
    """As when a root key was taken from the ring too early: that key fails, and no other."""
    lost = key(key_id="mrk-1234abcd12ab34cd56ef1234567890ab")
    store.put_key(lost, [])
    await found(view)
    assert await view.any_key(lost.key_id) is not None
    store.broken = {lost.key_id}
    store.put_key(lost, [])
    store.put_key(replace(KEY, state=KeyState.DISABLED), [])
    await view.catch_up()
    assert (await found(view))[0] == replace(KEY, state=KeyState.DISABLED)
    with pytest.raises(SealError):
        await view.any_key(lost.key_id)
    store.broken.clear()
    assert await view.any_key(lost.key_id) is not None


@pytest.mark.parametrize("too_far", [True, False])
async def test_a_view_too_far_behind_starts_afresh(
    store: FakeStore, view: View, too_far: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either the changes are forgotten already, or they are too many to read one by one."""
    monkeypatch.setattr(view_module, "RELOADED_AT_ONCE", 3)
    await found(view)
    for _ in range(4):
        store.put_key(replace(KEY, state=KeyState.DISABLED), [])
    store.forgotten = len(store.changes) - 1 if too_far else 0
    store.reads.clear()
    await view.catch_up()
    assert not store.reads
    assert view.cached(CREDENTIAL.access_key_id) is None
    assert (await found(view))[0] == replace(KEY, state=KeyState.DISABLED)
    store.put_key(KEY, [])
    await view.catch_up()
    assert (await found(view))[0] == KEY


LookUp = Callable[[View], Awaitable[object]]
LOOK_UPS: dict[str, LookUp] = {
    "key": lambda view: view.any_key(KEY.key_id),
    "alias": lambda view: view.alias_target(ACCOUNT, ALIAS.name),
    "credential": lambda view: view.find(CREDENTIAL.access_key_id),
}


@pytest.mark.parametrize("look_up", LOOK_UPS.values(), ids=LOOK_UPS)
async def test_a_read_that_began_before_a_change_does_not_stay(
    store: FakeStore, view: View, look_up: LookUp
) -> None:
    """The read has its old row in hand, the change is made and followed, then the read ends."""
    store.hold()
    reader = asyncio.ensure_future(look_up(view))
    await asyncio.sleep(0)
    store.delete_key(KEY.key_id)
    store.delete_alias(ALIAS)
    store.put_credential(CREDENTIAL)
    store.credentials.clear()
    follower = asyncio.ensure_future(view.catch_up())
    await asyncio.sleep(0)
    store.let_go()
    assert await reader is not None  # asked before the change, and answered as it was then
    await follower
    assert await found(view) == (None, None, None)


async def test_a_view_knows_whether_it_shows_all_that_its_store_has(
    store: FakeStore, view: View
) -> None:
    assert await view.is_caught_up()
    store.delete_key(KEY.key_id)
    assert not await view.is_caught_up()
    await view.catch_up()
    assert await view.is_caught_up()


async def test_a_view_holds_no_more_than_it_may(
    store: FakeStore, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_module, "KEYS_HELD", 3)
    many = [key(key_id=f"mrk-{number:032x}") for number in range(5)]
    for each in many:
        store.put_key(each, [])
        assert await view.any_key(each.key_id) is not None
    store.reads.clear()
    for each in reversed(many[2:]):
        assert await view.any_key(each.key_id) is not None
    assert not store.reads
    assert await view.any_key(many[0].key_id) is not None
    assert store.reads == {"key": 1}


async def test_a_view_holds_no_more_aliases_than_it_may(
    store: FakeStore, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_module, "ALIASES_HELD", 2)
    store.put_key(KEY, [])
    names = [f"alias/{number}" for number in range(3)]
    for name in names:
        store.put_alias(replace(ALIAS, name=name))
        assert await view.alias_target(ALIAS.account, name) == KEY.key_id
    store.reads.clear()
    for name in reversed(names[1:]):
        assert await view.alias_target(ALIAS.account, name) == KEY.key_id
    assert not store.reads
    assert await view.alias_target(ALIAS.account, names[0]) == KEY.key_id
    assert store.reads == {"alias": 1}


async def test_reading_a_key_again_pushes_no_other_out(
    store: FakeStore, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_module, "KEYS_HELD", 2)
    first, second = (key(key_id=f"mrk-{number:032x}") for number in range(2))
    for each in (first, second):
        store.put_key(each, [])
        await view.any_key(each.key_id)
    await view.catch_up()
    store.put_key(second, [])
    await view.catch_up()
    store.reads.clear()
    for each in (first, second):
        assert await view.any_key(each.key_id) is not None
    assert not store.reads


async def test_watching_follows_and_survives_a_store_that_fails(
    store: FakeStore, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_module, "WATCH_SECONDS", 0.0)
    await found(view)
    failures = [OSError("the disk"), ValueError("the driver")]
    read = store.read_changes

    async def failing(after: int) -> object:
        if failures:
            raise failures.pop()
        return await read(after)

    monkeypatch.setattr(store, "read_changes", failing)
    store.put_key(replace(KEY, state=KeyState.DISABLED), [])
    store.key_read.clear()
    watching = asyncio.create_task(view.watch())
    async with asyncio.timeout(10):
        await store.key_read.wait()
    watching.cancel()
    assert (await found(view))[0] == replace(KEY, state=KeyState.DISABLED)
    assert not failures

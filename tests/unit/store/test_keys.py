"""Keys and their material: what goes in comes out, and nothing of a secret lies in the file."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from sqlite3 import IntegrityError

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crypto.errors import SealError
from crypto.sealing import RootKey, RootKeyRing
from node.model.key import Key, KeyManager, KeyState
from node.model.principal import Credential, Principal
from node.store.rows import Sealer
from node.store.sql import SqlStore
from replication.deletion import Deletion
from replication.materials import Materials, RotationType
from replication.offers import ReplicaProperties
from replication.position import Position, Version
from tests.unit.model.keys import ACCOUNT, HOME, NOW, key, shared_state
from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import OTHER_ACCOUNT, add_key, alias, by_id, material_of

ON_ONE_STORE = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
texts = st.text(max_size=20)
moments = st.floats(0, 4e9)
rotations = st.lists(st.tuples(st.uuids(), moments, st.sampled_from(RotationType)), max_size=3)
shared_states = st.deferred(
    lambda: st.builds(
        lambda state, replicas, materials, unknown: replace(
            state, replicas=tuple(replicas), materials=materials, unknown=unknown
        ),
        st.builds(shared_state, version=versions),
        st.lists(st.sampled_from(("eu-west-1", "ap-southeast-2")), unique=True),
        materials,
        st.sampled_from((b"", msgpack.packb({"from a newer node": 365}))),
    )
)
versions: st.SearchStrategy[Version] = st.builds(Version, st.integers(1, 9), st.integers(1, 2**62))


@st.composite
def rotated_materials(draw: st.DrawFn) -> Materials:
    """The materials of a key that was rotated some times, with or without a next time."""
    rotated = Materials.first(draw(st.uuids()).hex * 2)
    for material_id, at, rotation_type in draw(rotations):
        rotated = rotated.offered(material_id.hex * 2, rotation_type, at).activated(at)
    if draw(st.booleans()):
        rotated = rotated.enabled(draw(st.integers(90, 2560)), draw(moments))
    if draw(st.booleans()):
        rotated = rotated.offered("ef" * 32, RotationType.ON_DEMAND, draw(moments))
    return rotated


materials: st.SearchStrategy[Materials] = rotated_materials()


@st.composite
def keys(draw: st.DrawFn) -> Key:
    """Any key at all."""
    shared = draw(st.none() | shared_states)
    hexadecimal = draw(st.uuids()).hex
    return Key(
        account=ACCOUNT,
        region=HOME,
        key_id=f"mrk-{hexadecimal}",
        key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        manager=draw(st.sampled_from(KeyManager)),
        created=draw(moments),
        description=draw(texts),
        policy=draw(texts),
        tags=tuple(draw(st.dictionaries(texts, texts, max_size=4)).items()),
        state=draw(st.sampled_from(KeyState)),
        deletion_date=draw(st.none() | moments),
        pending_window_days=draw(st.none() | st.integers(7, 30)),
        own_materials=None if shared else draw(materials),
        shared=shared and replace(shared, key_id=f"mrk-{hexadecimal}"),
    )


@ON_ONE_STORE
@given(any_key=keys(), changed=keys(), count=st.integers(0, 4))
async def test_a_key_comes_out_as_it_went_in(
    store: SqlStore, any_key: Key, changed: Key, count: int
) -> None:
    held = [material_of(any_key.key_id) for _ in range(count)]
    async with store.transaction() as transaction:
        await transaction.delete_key(any_key)  # Hypothesis may have thought of it before
        await transaction.add_key(any_key, held)
        assert await transaction.key(ACCOUNT, any_key.key_id) == any_key
        assert await transaction.shared(any_key.key_id) == any_key.shared
    assert await store.read_key(any_key.key_id) == (any_key, by_id(held))
    changed = replace(changed, key_id=any_key.key_id)
    async with store.transaction() as transaction:
        await transaction.put_key(changed)
    assert await store.read_key(any_key.key_id) == (changed, by_id(held))


async def test_materials_that_are_known_are_not_opened_again(
    store: SqlStore, sealer: Sealer, store_file: Path
) -> None:
    added = await add_key(store)
    new = material_of(added.key_id)
    async with store.transaction() as transaction:
        (old,) = await transaction.held(added.key_id)
        await transaction.add_materials(added.key_id, [new])
    found = await store.read_key(added.key_id, {old})
    assert found is not None
    assert list(found[1].items()) == [(old, None), (new.material_id, new)]
    stranger = SqlStore(
        store_file, replace(sealer, ring=RootKeyRing([RootKey.generate(os.urandom)]))
    )
    found = await stranger.read_key(added.key_id, {old, new.material_id})
    assert found == (added, {old: None, new.material_id: None})
    await stranger.close()


async def test_keys_with_one_policy_hold_its_text_once(store: SqlStore) -> None:
    one, other = [await store.read_key((await add_key(store)).key_id) for _ in range(2)]
    assert one is not None
    assert other is not None
    assert one[0].policy is other[0].policy


async def test_a_key_of_another_account_is_not_found_by_name(store: SqlStore) -> None:
    added = await add_key(store)
    async with store.transaction() as transaction:
        assert await transaction.key(OTHER_ACCOUNT, added.key_id) is None
        assert await transaction.key(ACCOUNT, added.key_id) == added


async def test_a_key_goes_with_its_material_and_its_aliases(store: SqlStore) -> None:
    gone, stays = await add_key(store), await add_key(store)
    async with store.transaction() as transaction:
        for name, each in (("alias/a", gone), ("alias/b", gone), ("alias/c", stays)):
            await transaction.put_alias(alias(name, each.key_id))
        assert await transaction.count_aliases(gone.key_id) == 2
    before = await store.last_change()
    async with store.transaction() as transaction:
        await transaction.delete_key(gone)
    told = await store.read_changes(before)
    assert told[1] is not None
    assert {subject for _, subject in told[1]} == {
        gone.key_id,
        *(f"{ACCOUNT}\n{name}" for name in ("alias/a", "alias/b")),
    }
    assert await store.read_key(gone.key_id) is None
    assert await store.read_alias(ACCOUNT, "alias/a") is None
    assert [each.name for each in await store.list_aliases(ACCOUNT, None, "", 9)] == ["alias/c"]
    async with store.transaction() as transaction:
        assert await transaction.materials(gone.key_id) == []
        assert len(await transaction.materials(stays.key_id)) == 1


async def test_nothing_may_point_at_a_key_that_is_not_there(store: SqlStore) -> None:
    with pytest.raises(IntegrityError):
        async with store.transaction() as transaction:
            await transaction.put_alias(alias("alias/a", "1234abcd-12ab-34cd-56ef-1234567890ab"))


async def test_a_key_is_added_once(store: SqlStore) -> None:
    added = await add_key(store)
    with pytest.raises(IntegrityError):
        await add_key(store, added.key_id)
    assert await store.count_keys() == {"Enabled": 1}


async def test_new_material_comes_after_the_old_and_none_twice(store: SqlStore) -> None:
    related = key(shared=shared_state())
    first, second, third = (material_of(related.key_id) for _ in range(3))
    async with store.transaction() as transaction:
        await transaction.add_key(related, [first])
    newer = replace(shared_state(), version=Version(1, 2))
    for offered in ([second, first], [first, second, third]):
        async with store.transaction() as transaction:
            await transaction.put_shared(newer, offered, NOW)
    found = await store.read_key(related.key_id)
    assert found == (replace(related, shared=newer), by_id([first, second, third]))


async def test_shared_state_of_a_key_that_is_gone_is_a_mistake(store: SqlStore) -> None:
    with pytest.raises(LookupError):
        async with store.transaction() as transaction:
            await transaction.put_shared(shared_state(), [], NOW)


async def test_a_related_key_forgets_that_it_was_deleted(store: SqlStore) -> None:
    shared = shared_state(primary="eu-west-1", replicas=(HOME,))
    async with store.transaction() as transaction:
        await transaction.put_deletion(shared.key_id, Deletion(Position(b"l" * 16, 7), 3, HOME))
        assert await transaction.deleted_replicas() == [shared.key_id]
        await transaction.create_related_key(
            shared, ReplicaProperties("mine", None, (("a", "b"),)), [], NOW
        )
        assert await transaction.deleted_replicas() == []
    found = await store.read_key(shared.key_id)
    assert found is not None
    created = found[0]
    assert (created.description, created.tags, created.created) == ("mine", (("a", "b"),), NOW)
    assert created.state is KeyState.ENABLED
    assert created.is_replica


async def test_deletions_are_found_when_they_are_due_soonest_first(store: SqlStore) -> None:
    assert await store.next_due() is None
    for days in (9, 7, 8):
        pending = replace(await add_key(store), deletion_date=NOW + days)
        async with store.transaction() as transaction:
            await transaction.put_key(pending)
    assert await store.next_due() == NOW + 7
    async with store.transaction() as transaction:
        due = [each.deletion_date for each in await transaction.due_deletions(NOW + 8, 5)]
        assert due == [NOW + 7, NOW + 8]
        assert await transaction.due_deletions(NOW + 6.99, 5) == []
        assert len(await transaction.due_deletions(NOW + 99, 1)) == 1


async def test_no_secret_lies_in_the_file(open_store: OpenStore, store_file: Path) -> None:
    """Key material and access-key secrets are sealed (decision D3)."""
    store = await open_store()
    added = key()
    material = material_of(added.key_id)
    async with store.transaction() as transaction:
        await transaction.add_key(added, [material])
        await transaction.put_credential(credential())
    await store.close()
    written = b"".join(path.read_bytes() for path in store_file.parent.iterdir())
    secret = material.reveal()
    for bare in (secret, secret.hex().encode(), b"wJalrXUtnFEMI"):
        assert bare not in written
    assert material.material_id.encode() in written


async def test_an_access_key_comes_out_as_it_went_in(store: SqlStore) -> None:
    for stored in (credential(), credential(active=False)):
        async with store.transaction() as transaction:
            await transaction.put_credential(stored)
        assert await store.read_credential(stored.access_key_id) == stored
    assert await store.read_credential("AKIANOBODY") is None


async def test_another_root_key_opens_nothing(store: SqlStore, store_file: Path) -> None:
    added = await add_key(store)
    async with store.transaction() as transaction:
        await transaction.put_credential(credential())
    assert await store.unknown_root_key() is None
    ring = RootKeyRing([RootKey.generate(os.urandom)])
    stranger = SqlStore(store_file, Sealer(HOME, ring, os.urandom))
    try:
        assert await stranger.unknown_root_key() not in (None, *ring.root_key_ids)
        with pytest.raises(SealError):
            await stranger.read_key(added.key_id)
        with pytest.raises(SealError):
            await stranger.read_credential(credential().access_key_id)
    finally:
        await stranger.close()


async def test_another_region_opens_nothing(
    store: SqlStore, store_file: Path, sealer: Sealer
) -> None:
    """A store that was copied to another region, root key and all, stays shut."""
    added = await add_key(store)
    elsewhere = replace(sealer, region="eu-west-1")
    stolen = SqlStore(store_file, elsewhere)
    try:
        with pytest.raises(SealError):
            await stolen.read_key(added.key_id)
    finally:
        await stolen.close()


def credential(*, active: bool = True) -> Credential:
    principal = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/alice", "AIDAALICE", "IAMUser")
    return Credential("AKIAALICE00000000000", "wJalrXUtnFEMI/K7MDENG", principal, active=active)


async def test_of_a_key_that_changed_what_changed_is_written(store: SqlStore) -> None:
    """Columns of an index cost a page each, whether they are written as they were or not."""
    added = await add_key(store)
    disabled = replace(added, state=KeyState.DISABLED)
    told: list[str] = []
    async with store.transaction() as transaction:
        store._writing._connection.set_trace_callback(told.append)
        assert await transaction.key(ACCOUNT, added.key_id) == added
        await transaction.put_key(replace(disabled, description="twice", tags=(("a", "b"),)))
        await transaction.has_keys(ACCOUNT, 1)  # writes what was gathered
        await transaction.put_key(disabled)
        await transaction.has_keys(ACCOUNT, 1)
        await transaction.put_key(disabled)
    store._writing._connection.set_trace_callback(None)
    puts = dict.fromkeys(each for each in told if each.startswith("UPDATE keys"))
    columns = [re.findall(r"(\w+)=", each.partition(" WHERE")[0]) for each in puts]
    assert columns == [["description", "tags", "state"], ["description", "tags"]]
    assert await store.read_key(added.key_id) is not None
    async with store.transaction() as transaction:
        await transaction.put_key(added)  # unread: nobody knows what is there
    found = await store.read_key(added.key_id)
    assert found is not None
    assert found[0] == added

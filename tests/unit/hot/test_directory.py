"""The directory in the view: read once, followed fact by fact, and never stale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.directory.parts import Kind, Made, Name, Part, Text
from node.hot.view import View
from tests.unit.directory.support import ACCOUNT, NOW, document, fact, made, unique_id
from tests.unit.hot.support import FakeStore

ALICE = unique_id(Kind.USER, 1)
ARN = f"arn:aws:iam::{ACCOUNT}:user/alice"
AKIA = "AKIAIOSFODNN7EXAMPLE"
KEY = replace(fact(ALICE, Part.KEY, Made(NOW), AKIA), secret=b"a secret")


@pytest.fixture
async def store() -> FakeStore:
    store = FakeStore()
    for each in made(Kind.USER, 1, "alice", KEY):
        store.put_fact(each)
    return store


@pytest.fixture
async def view(store: FakeStore) -> View:
    view = View(store)
    await view.start()
    return view


async def test_the_directory_is_read_once_and_secrets_with_their_key(
    store: FakeStore, view: View
) -> None:
    for _ in range(2):
        await view.book()
    assert store.reads == {"facts": 1}
    credential = await view.find(AKIA)
    assert credential is not None
    assert (credential.secret, credential.active) == ("a secret", True)
    assert credential.principal.arn == ARN
    assert view.cached(AKIA) is credential
    assert store.reads["fact"] == 1


async def test_a_fact_changes_what_every_principal_may(store: FakeStore, view: View) -> None:
    assert await view.identity_policies(ARN) == ()
    assert await view.find(AKIA)
    store.put_fact(fact(ALICE, Part.INLINE, Text(document("new")), "p"))
    await view.catch_up()
    assert [each.document for each in await view.identity_policies(ARN)] == [document("new")]
    store.put_fact(fact(ALICE, Part.STATUS, Text("Inactive"), AKIA))
    await view.catch_up()
    assert view.cached(AKIA) is None
    credential = await view.find(AKIA)
    assert credential is not None
    assert not credential.active
    store.put_fact(fact(ALICE, Part.NAME, Name("alicia", "/"), revision=2))
    await view.catch_up()
    assert await view.identity_policies(ARN) == ()
    assert store.reads["facts"] == 1


async def test_a_deleted_user_has_no_key(store: FakeStore, view: View) -> None:
    assert await view.find(AKIA)
    store.put_fact(fact(ALICE, Part.MADE, None, revision=2))
    await view.catch_up()
    assert await view.find(AKIA) is None


async def test_a_key_whose_secret_this_region_has_not_is_none(store: FakeStore, view: View) -> None:
    store.put_fact(replace(KEY, secret=None))
    assert await view.find(AKIA) is None


async def test_a_fact_that_cannot_be_read_lets_all_be_read_again(
    store: FakeStore, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    await view.book()
    store.put_fact(fact(ALICE, Part.NAME, Name("alicia", "/"), revision=2))

    async def broken(key: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(store, "read_fact", broken)
        await view.catch_up()
    book = await view.book()
    assert book.named(ACCOUNT, Kind.USER, "alicia") is not None
    assert store.reads["facts"] == 2


async def test_the_latest_book_has_what_the_view_was_not_told_yet(
    store: FakeStore, view: View
) -> None:
    await view.book()
    store.put_fact(fact(ALICE, Part.NAME, Name("alicia", "/"), revision=2))
    assert (await view.book()).named(ACCOUNT, Kind.USER, "alicia") is None
    assert (await view.latest_book()).named(ACCOUNT, Kind.USER, "alicia") is not None

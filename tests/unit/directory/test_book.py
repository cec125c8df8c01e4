"""The directory as it is read: a function of the facts, in whatever order they are heard."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.directory.book import DENIES_ALL, Book
from node.directory.managed import MANAGED
from node.directory.parts import (
    Kind,
    Made,
    Name,
    NotOfTheDirectory,
    Part,
    Tag,
    Text,
    Version,
    key_of,
    parsed_key,
)
from replication.facts import Fact, news
from tests.unit.directory.support import ACCOUNT, NOW, document, fact, made, told, unique_id

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
ALICE, BOB = unique_id(Kind.USER, 1), unique_id(Kind.USER, 2)
TEAM = unique_id(Kind.GROUP, 1)
POLICY = unique_id(Kind.POLICY, 1)
AKIA = "AKIAIOSFODNN7EXAMPLE"

users = st.sampled_from((ALICE, BOB, unique_id(Kind.USER, 3)))
names = st.sampled_from(("app", "App", "other", "app-" + ALICE))
times = st.sampled_from((NOW, NOW + 1))


def facts_of(
    entity: str, part: Part, values: st.SearchStrategy[Any], sub: str = ""
) -> st.SearchStrategy[Fact]:
    return st.builds(
        lambda value, revision, time: fact(entity, part, value, sub, revision=revision, time=time),
        values | st.none(),
        st.integers(1, 3),
        times,
    )


def any_fact() -> st.SearchStrategy[Fact]:
    """Facts about three users, a group and two policies, most of which hang together."""
    parts: list[st.SearchStrategy[Fact]] = []
    for user in (ALICE, BOB, unique_id(Kind.USER, 3)):
        parts += [
            facts_of(user, Part.MADE, st.builds(Made, times)),
            facts_of(user, Part.NAME, st.builds(Name, names, st.just("/"))),
            facts_of(user, Part.MEMBER, st.builds(Made, times), TEAM),
            facts_of(user, Part.KEY, st.builds(Made, times), AKIA),
            facts_of(
                user, Part.STATUS, st.builds(Text, st.sampled_from(("Active", "Inactive"))), AKIA
            ),
            facts_of(user, Part.ATTACHED, st.builds(Made, times), POLICY),
            facts_of(user, Part.INLINE, st.builds(Text, st.just(document("inline"))), "inline"),
            facts_of(
                user, Part.TAG, st.builds(Tag, st.sampled_from(("a", "A")), st.just("1")), "a"
            ),
        ]
    parts += [
        facts_of(TEAM, Part.MADE, st.builds(Made, times)),
        facts_of(TEAM, Part.NAME, st.builds(Name, names, st.just("/team/"))),
        facts_of(TEAM, Part.ATTACHED, st.builds(Made, times), ADMINISTRATOR_ACCESS),
        facts_of(POLICY, Part.MADE, st.builds(Made, times)),
        facts_of(POLICY, Part.NAME, st.builds(Name, names, st.just("/"))),
        facts_of(POLICY, Part.DEFAULT, st.builds(Text, st.sampled_from(("v1", "v2", "v3")))),
        *(
            facts_of(POLICY, Part.VERSION, st.builds(Version, st.just(document(each)), times), each)
            for each in ("v1", "v2")
        ),
    ]
    return st.one_of(*parts)


@given(st.lists(any_fact(), max_size=25), st.randoms(use_true_random=False))
def test_every_order_of_hearing_gives_the_same_directory(facts: list[Fact], random: Random) -> None:
    """As regions hear them: twice, in any order, each keeping what is later."""
    answers = []
    for _ in range(3):
        heard = facts * 2
        random.shuffle(heard)
        known: dict[tuple[str, ...], Fact] = {}
        book = Book()
        for each in heard:
            for later in news([each], known):
                known[later.key] = later
                book.put(later)
        answers.append(told(book))
        assert told(Book(known.values())) == answers[0]
    assert answers[0] == answers[1] == answers[2]


@given(st.lists(any_fact(), max_size=25))
def test_no_two_have_one_name_and_each_is_found_by_its_own(facts: list[Fact]) -> None:
    known: dict[tuple[str, ...], Fact] = {}
    for each in news(facts, {}):
        known[each.key] = each
    book = Book(known.values())
    answers = told(book)
    arns = [each["arn"].lower() for each in answers.values()]
    assert len(set(arns)) == len(arns)
    assert all(each["found"] for each in answers.values())


def test_two_regions_make_a_user_of_one_name_and_the_first_has_it() -> None:
    facts = [*made(Kind.USER, 2, "app", created=NOW), *made(Kind.USER, 1, "App", created=NOW + 1)]
    book = Book(facts)
    first, second = book.entity(BOB), book.entity(ALICE)
    assert first is not None
    assert second is not None
    assert book.arn_of(first) == f"arn:aws:iam::{ACCOUNT}:user/app"
    assert book.arn_of(second) == f"arn:aws:iam::{ACCOUNT}:user/App-{ALICE}"
    assert book.named(ACCOUNT, Kind.USER, "APP") is first
    assert book.named(ACCOUNT, Kind.USER, f"app-{ALICE}") is second


def test_of_two_at_once_the_lower_id_has_the_name() -> None:
    book = Book([*made(Kind.USER, 2, "app"), *made(Kind.USER, 1, "app")])
    found = book.named(ACCOUNT, Kind.USER, "app")
    assert found is not None
    assert found.unique_id == ALICE


def test_a_long_name_gives_way_to_the_id_within_its_limit() -> None:
    book = Book([*made(Kind.USER, 1, "a" * 64), *made(Kind.USER, 2, "a" * 64)])
    second = book.entity(BOB)
    assert second is not None
    name = book.name_of(second)
    assert len(name) == 64
    assert book.named(ACCOUNT, Kind.USER, name) is second


def test_nobody_steps_into_the_name_of_one_who_is_deleted_here() -> None:
    facts = [*made(Kind.USER, 1, "app"), *made(Kind.USER, 2, "app")]
    book = Book(facts)
    changes = book.names_settled(ACCOUNT, Kind.USER, "APP")
    for each in changes:
        book.tell(each.key, each.value)
    book.put(fact(ALICE, Part.MADE, None, revision=2))
    assert book.named(ACCOUNT, Kind.USER, "app") is None
    second = book.entity(BOB)
    assert second is not None
    assert book.name_of(second) == f"app-{BOB}"
    assert book.names_settled(ACCOUNT, Kind.USER, "app") == []


def test_what_hangs_on_a_deleted_user_is_not_of_another_one_of_the_name() -> None:
    hanging = [
        fact(ALICE, Part.INLINE, Text(document("old")), "old"),
        fact(ALICE, Part.ATTACHED, Made(NOW), ADMINISTRATOR_ACCESS),
        fact(ALICE, Part.KEY, Made(NOW), AKIA),
        fact(ALICE, Part.MEMBER, Made(NOW), TEAM),
    ]
    book = Book([*made(Kind.USER, 1, "app", *hanging), *made(Kind.GROUP, 1, "team")])
    book.put(fact(ALICE, Part.MADE, None, revision=2))
    for each in made(Kind.USER, 2, "app"):
        book.put(each)
    again = book.named(ACCOUNT, Kind.USER, "app")
    assert again is not None
    assert book.policies_of(again) == ()
    assert book.groups_of(again) == []
    assert book.owner(AKIA) is None
    assert not book.is_active(AKIA)
    team = book.entity(TEAM)
    assert team is not None
    assert book.members_of(team) == []
    assert book.attached_to(MANAGED[ADMINISTRATOR_ACCESS], ACCOUNT) == []


def test_what_was_said_after_a_deletion_elsewhere_changes_nothing() -> None:
    """A renaming that another region made later does not bring the user back."""
    book = Book(made(Kind.USER, 1, "app"))
    book.put(fact(ALICE, Part.MADE, None, revision=2))
    book.put(fact(ALICE, Part.NAME, Name("new", "/"), revision=2, time=NOW + 5))
    assert told(book) == {}


def test_a_group_gives_its_policies_to_its_members_alone() -> None:
    book = Book(
        [
            *made(Kind.USER, 1, "alice", fact(ALICE, Part.MEMBER, Made(NOW), TEAM)),
            *made(Kind.USER, 2, "bob"),
            *made(Kind.GROUP, 1, "team", fact(TEAM, Part.ATTACHED, Made(NOW), POLICY)),
            *made(Kind.POLICY, 1, "shared"),
            fact(TEAM, Part.INLINE, Text(document("inline")), "inline"),
        ]
    )
    alice, bob = book.entity(ALICE), book.entity(BOB)
    assert alice is not None
    assert bob is not None
    assert {each.document for each in book.policies_of(alice)} == {
        document("inline"),
        document("shared"),
    }
    assert book.policies_of(bob) == ()


def test_the_default_version_counts_and_if_it_is_gone_the_newest() -> None:
    versions = [
        fact(POLICY, Part.VERSION, Version(document(each), NOW), each) for each in ("v2", "v10")
    ]
    book = Book([*made(Kind.POLICY, 1, "shared"), *versions])
    policy = book.entity(POLICY)
    assert policy is not None
    assert book.document_of(policy) == document("shared")
    book.put(fact(POLICY, Part.VERSION, None, "v1", revision=2))
    assert (policy.default_version, book.document_of(policy)) == ("v10", document("v10"))
    for each in ("v2", "v10"):
        book.put(fact(POLICY, Part.VERSION, None, each, revision=2))
    assert book.document_of(policy) == DENIES_ALL
    assert policy.last_version == 10


def test_an_access_key_that_two_users_have_is_of_the_first() -> None:
    facts = [
        *made(Kind.USER, 1, "alice", fact(ALICE, Part.KEY, Made(NOW + 1), AKIA)),
        *made(Kind.USER, 2, "bob", fact(BOB, Part.KEY, Made(NOW), AKIA)),
    ]
    owner = Book(facts).owner(AKIA)
    assert owner is not None
    assert owner.unique_id == BOB


@pytest.mark.parametrize(
    "key",
    [
        (),
        ("user", "alice"),
        (ACCOUNT, ALICE),
        (ACCOUNT, ALICE, "made", "more"),
        (ACCOUNT, ALICE, "tag"),
        (ACCOUNT, ALICE, "unknown"),
        (ACCOUNT, "AIDAlower00000000000", "made"),
        (ACCOUNT, "ASIA0000000000000000", "made"),
        ("12345", ALICE, "made"),
        (ACCOUNT, ALICE, "tag", ""),
        (ACCOUNT, ALICE, "tag", "x" * 513),
    ],
)
def test_facts_of_no_form_are_passed_over(key: tuple[str, ...]) -> None:
    with pytest.raises(NotOfTheDirectory):
        parsed_key(key)
    book = Book(made(Kind.USER, 1, "alice"))
    before = told(book)
    book.tell(key, b"\x80")
    assert told(book) == before


@pytest.mark.parametrize("value", [b"", b"\xc1", b"\x80", b"\x93\x01\x02\x03"])
def test_values_of_no_form_are_passed_over(value: bytes) -> None:
    book = Book(made(Kind.USER, 1, "alice"))
    before = told(book)
    book.tell(key_of(ACCOUNT, ALICE, Part.NAME), value)
    assert told(book) == before

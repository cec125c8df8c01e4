"""ListKeys, ListAliases and ListResourceTags, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.scenarios.client import Kms, refused
from tests.scenarios.region import RegionUnderTest

COUNT = 23
NAMES = [f"item-{number:02}" for number in range(COUNT)]
MARKER = "Could not deserialize marker."


@pytest.fixture(scope="module")
def lists(region: RegionUnderTest) -> dict[str, tuple[dict[str, Any], str, list[Any]]]:
    """For each list: what it is called with, the member that has its items, and the items."""
    kms = region.kms
    tagged = kms.key(Tags=[{"TagKey": name, "TagValue": name} for name in reversed(NAMES)])
    keys = [tagged, *(kms.key(MultiRegion=number % 2 == 0) for number in range(COUNT - 1))]
    for name in reversed(NAMES):
        kms("CreateAlias", AliasName=f"alias/{name}", TargetKeyId=tagged)
    kms("CreateAlias", AliasName="alias/other", TargetKeyId=keys[1])
    region.stranger("CreateAlias", AliasName="alias/zzz", TargetKeyId=region.stranger.key())
    aliases = [f"alias/{name}" for name in NAMES]
    return {
        "ListKeys": ({}, "Keys", sorted(keys)),
        "ListAliases": ({}, "Aliases", [*aliases, "alias/other"]),
        "ListAliases of a key": ({"KeyId": tagged}, "Aliases", aliases),
        "ListResourceTags": ({"KeyId": tagged}, "Tags", NAMES),
    }


NAME_OF: dict[str, Callable[[dict[str, Any]], str]] = {
    "Keys": lambda item: str(item["KeyId"]),
    "Aliases": lambda item: str(item["AliasName"]),
    "Tags": lambda item: str(item["TagKey"]),
}
each_list = pytest.mark.parametrize(
    "name", ["ListKeys", "ListAliases", "ListAliases of a key", "ListResourceTags"]
)
Lists = dict[str, tuple[dict[str, Any], str, list[Any]]]


def pages(kms: Kms, name: str, lists: Lists, limit: int | None) -> Iterator[list[str]]:
    """The names of the items, page by page, as a paginator asks for them."""
    members, items, _ = lists[name]
    wish = dict(members) if limit is None else {**members, "Limit": limit}
    while True:
        answer = kms(name.split()[0], **wish)
        yield [NAME_OF[items](item) for item in answer[items]]
        assert answer["Truncated"] is ("NextMarker" in answer)
        if not answer["Truncated"]:
            return
        wish["Marker"] = answer["NextMarker"]


@each_list
@pytest.mark.parametrize("limit", [1, 7, COUNT - 1, COUNT, 50, None])
def test_every_item_comes_once(kms: Kms, lists: Lists, name: str, limit: int | None) -> None:
    found = list(pages(kms, name, lists, limit))
    assert [item for each in found for item in each] == lists[name][2]
    assert all(len(each) == limit for each in found[:-1])


@each_list
def test_a_page_that_is_full_and_the_last(kms: Kms, lists: Lists, name: str) -> None:
    members, items, expected = lists[name]
    answer = kms(name.split()[0], Limit=min(len(expected), 50), **members)
    assert answer["Truncated"] is False
    assert "NextMarker" not in answer
    assert len(answer[items]) == len(expected)


@each_list
@pytest.mark.parametrize("marker", ["x", "bm8=", "\u00ff", "A" * 1024])
def test_a_marker_that_was_never_given(kms: Kms, lists: Lists, name: str, marker: str) -> None:
    with refused("InvalidMarkerException", MARKER):
        kms(name.split()[0], Marker=marker, **lists[name][0])


def test_a_marker_of_another_list(kms: Kms, lists: Lists) -> None:
    marker = kms("ListKeys", Limit=1)["NextMarker"]
    assert kms("ListKeys", Marker=marker)["Keys"]
    with refused("InvalidMarkerException", MARKER):
        kms("ListAliases", Marker=marker)


@each_list
@pytest.mark.parametrize("marker", ["", "x" * 1025, "\u0100"])
def test_a_marker_out_of_bounds(kms: Kms, lists: Lists, name: str, marker: str) -> None:
    with refused("ValidationException") as caught:
        kms(name.split()[0], Marker=marker, **lists[name][0])
    assert "at 'marker' failed to satisfy constraint" in caught.value.message


@pytest.mark.parametrize(
    ("name", "limit", "bound"),
    [
        ("ListKeys", 0, "greater than or equal to 1"),
        ("ListKeys", 1001, "less than or equal to 1000"),
        ("ListAliases", 101, "less than or equal to 100"),
        ("ListResourceTags", 51, "less than or equal to 50"),
    ],
)
def test_a_limit_out_of_bounds(kms: Kms, lists: Lists, name: str, limit: int, bound: str) -> None:
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}",
    ):
        kms(name, Limit=limit, **lists[name][0])


@pytest.mark.parametrize(("name", "most"), [("ListKeys", 1000), ("ListAliases", 100)])
def test_the_largest_limit(kms: Kms, lists: Lists, name: str, most: int) -> None:
    assert kms(name, Limit=most)["Truncated"] is False


def test_a_key_has_its_arn_in_the_list(kms: Kms, lists: Lists) -> None:
    for item in kms("ListKeys", Limit=3)["Keys"]:
        assert item == {"KeyId": item["KeyId"], "KeyArn": kms.arn(item["KeyId"])}


def test_keys_are_asked_for_by_owner(kms: Kms, lists: Lists) -> None:
    assert kms("ListKeys", ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])["Keys"] == []
    for owners in (["SELF"], ["SELF", "OTHER_ACCOUNTS_VIA_RAM"]):
        assert len(kms("ListKeys", ResourceOwners=owners)["Keys"]) == COUNT


def test_each_account_lists_its_own(region: RegionUnderTest, lists: Lists) -> None:
    assert len(region.stranger("ListKeys")["Keys"]) == 1
    aliases = region.stranger("ListAliases")["Aliases"]
    assert [each["AliasName"] for each in aliases] == ["alias/zzz"]


def test_a_list_goes_on_where_its_marker_was_deleted(kms: Kms, lists: Lists) -> None:
    key_id = kms.key()
    for name in ("alias/x1", "alias/x2", "alias/x3"):
        kms("CreateAlias", AliasName=name, TargetKeyId=key_id)
    first = kms("ListAliases", KeyId=key_id, Limit=1)
    for name in ("alias/x1", "alias/x2"):
        kms("DeleteAlias", AliasName=name)
    rest = kms("ListAliases", KeyId=key_id, Marker=first["NextMarker"])
    assert [each["AliasName"] for each in rest["Aliases"]] == ["alias/x3"]
    kms("DeleteAlias", AliasName="alias/x3")


def test_the_aliases_of_a_key_that_does_not_exist(kms: Kms) -> None:
    unknown = "1234abcd-12ab-34cd-56ef-1234567890ab"
    with refused("NotFoundException", f"Key '{kms.arn(unknown)}' does not exist"):
        kms("ListAliases", KeyId=unknown)

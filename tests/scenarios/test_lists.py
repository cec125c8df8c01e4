"""All lists of KMS, page by page. What has one page at most is at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from node.model.managed import LISTED
from tests.scenarios.boto import boto3_client, boto3_clock
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import ACCOUNT, RegionUnderTest
from tests.wire.model import MODEL

__all__ = ["boto3_clock"]

COUNT = 23
NAMES = [f"item-{number:02}" for number in range(COUNT)]
MARKER = "Could not deserialize marker."


Lists = dict[str, tuple[dict[str, Any], str, list[str]]]


@pytest.fixture(scope="module")
def lists(region: RegionUnderTest) -> Lists:
    """For each list: what it is called with, the member that has its items, and their names."""
    kms = region.kms
    tagged = kms.key(Tags=[{"TagKey": name, "TagValue": name} for name in reversed(NAMES)])
    keys = [tagged, *(kms.key(MultiRegion=number % 2 == 0) for number in range(COUNT - 1))]
    for name in reversed(NAMES):
        kms("CreateAlias", AliasName=f"alias/{name}", TargetKeyId=tagged)
    kms("CreateAlias", AliasName="alias/other", TargetKeyId=keys[1])
    region.stranger("CreateAlias", AliasName="alias/zzz", TargetKeyId=region.stranger.key())
    aliases = [f"alias/{name}" for name in NAMES]
    rotated, materials = _rotated(kms, keys[2])
    grants = [_granted(kms, keys[number % 2], number) for number in range(COUNT)]
    on_first = [grant for number, grant in enumerate(grants) if number % 2 == 0]
    return {
        "ListKeys": ({}, "Keys", sorted(keys)),
        "ListAliases": ({}, "Aliases", [*LISTED, *aliases, "alias/other"]),
        "ListAliases of a key": ({"KeyId": tagged}, "Aliases", aliases),
        "ListResourceTags": ({"KeyId": tagged}, "Tags", NAMES),
        "ListKeyRotations": ({"KeyId": rotated}, "Rotations", materials[1:]),
        "ListKeyRotations of all material": (
            {"KeyId": rotated, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"},
            "Rotations",
            materials,
        ),
        "ListGrants": ({"KeyId": tagged}, "Grants", sorted(on_first)),
        "ListRetirableGrants": ({"RetiringPrincipal": RETIRING}, "Grants", sorted(grants)),
    }


def _rotated(kms: Kms, key_id: str) -> tuple[str, list[str]]:
    """A key that was rotated a number of times, and its materials."""
    materials = [kms.metadata(key_id)["CurrentKeyMaterialId"]]
    for _ in range(COUNT):
        kms("RotateKeyOnDemand", KeyId=key_id)
        materials.append(kms.metadata(key_id)["CurrentKeyMaterialId"])
    return key_id, materials


def _granted(kms: Kms, key_id: str, number: int) -> str:
    """A grant on a key, retired by one principal."""
    answer = kms(
        "CreateGrant",
        KeyId=key_id,
        GranteePrincipal=f"arn:aws:iam::999988887777:role/{number}",
        RetiringPrincipal=RETIRING,
        Operations=["Decrypt"],
    )
    return str(answer["GrantId"])


RETIRING = f"arn:aws:iam::{ACCOUNT}:user/administrator"
NAME_OF: dict[str, Callable[[dict[str, Any]], str]] = {
    "Keys": lambda item: str(item["KeyId"]),
    "Aliases": lambda item: str(item["AliasName"]),
    "Tags": lambda item: str(item["TagKey"]),
    "Rotations": lambda item: str(item["KeyMaterialId"]),
    "Grants": lambda item: str(item["GrantId"]),
}
EACH = (
    "ListKeys",
    "ListAliases",
    "ListAliases of a key",
    "ListResourceTags",
    "ListKeyRotations",
    "ListKeyRotations of all material",
    "ListGrants",
    "ListRetirableGrants",
)
each_list = pytest.mark.parametrize("name", EACH)


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
@pytest.mark.parametrize("limit", [1, 7, COUNT - 1, COUNT, COUNT + 1, 50, None])
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


@each_list
def test_a_marker_of_another_list(kms: Kms, lists: Lists, name: str) -> None:
    own = name.split()[0]
    members = {each: lists[each][0] for each in EACH}
    for other in EACH:
        marker = kms(other.split()[0], Limit=1, **members[other])["NextMarker"]
        if other.split()[0] == own:
            assert "Marker" not in kms(own, Marker=marker, **members[other])
            continue
        with refused("InvalidMarkerException", MARKER):
            kms(own, Marker=marker, **members[name])


def test_a_marker_of_another_keys_rotations(kms: Kms, lists: Lists) -> None:
    key_id = kms.key()
    for _ in range(2):
        kms("RotateKeyOnDemand", KeyId=key_id)
    marker = kms("ListKeyRotations", KeyId=key_id, Limit=1)["NextMarker"]
    with refused("InvalidMarkerException", MARKER):
        kms("ListKeyRotations", Marker=marker, **lists["ListKeyRotations"][0])


@each_list
@pytest.mark.parametrize("marker", ["", "x" * 1025, "\u0100"])
def test_a_marker_out_of_bounds(kms: Kms, lists: Lists, name: str, marker: str) -> None:
    with refused("ValidationException") as caught:
        kms(name.split()[0], Marker=marker, **lists[name][0])
    assert "at 'marker' failed to satisfy constraint" in caught.value.message


MOST = {
    "ListKeys": 1000,
    "ListAliases": 100,
    "ListResourceTags": 50,
    "ListKeyRotations": 1000,
    "ListGrants": 100,
    "ListRetirableGrants": 100,
    "ListKeyPolicies": 1000,
    "DescribeCustomKeyStores": 1000,
}
PAGINATED = {
    name
    for name in MODEL.operation_names
    if "Marker" in getattr(MODEL.operation_model(name).input_shape, "members", {})
}


def of_any(lists: Lists, name: str) -> dict[str, Any]:
    """What a list is called with, also one that has one page."""
    only = {"ListKeyPolicies": lists["ListGrants"][0], "DescribeCustomKeyStores": {}}
    return only[name] if name in only else lists[name][0]


def test_these_are_all_lists_that_there_are() -> None:
    assert set(MOST) == PAGINATED
    assert {name.split()[0] for name in EACH} == PAGINATED - {
        "DescribeCustomKeyStores",
        "ListKeyPolicies",
    }


@pytest.mark.parametrize("name", MOST)
def test_a_limit_out_of_bounds(kms: Kms, lists: Lists, name: str) -> None:
    for limit, bound in ((0, "greater than or equal to 1"), (-1, "greater than or equal to 1")):
        with refused(
            "ValidationException",
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
            f"constraint: Member must have value {bound}",
        ):
            kms(name, Limit=limit, **of_any(lists, name))
    limit = MOST[name] + 1
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
        f"constraint: Member must have value less than or equal to {MOST[name]}",
    ):
        kms(name, Limit=limit, **of_any(lists, name))


@pytest.mark.parametrize("name", MOST)
def test_the_largest_limit(kms: Kms, lists: Lists, name: str) -> None:
    answer = kms(name, Limit=MOST[name], **of_any(lists, name))
    assert answer["Truncated"] is False
    assert "NextMarker" not in answer


def test_a_key_has_its_arn_in_the_list(kms: Kms, lists: Lists) -> None:
    for item in kms("ListKeys", Limit=3)["Keys"]:
        assert item == {"KeyId": item["KeyId"], "KeyArn": kms.arn(item["KeyId"])}


def test_keys_are_asked_for_by_owner(kms: Kms, lists: Lists) -> None:
    assert kms("ListKeys", ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])["Keys"] == []
    every = kms("ListKeys")["Keys"]
    for owners in (["SELF"], ["SELF", "OTHER_ACCOUNTS_VIA_RAM"]):
        assert kms("ListKeys", ResourceOwners=owners)["Keys"] == every
    for owners in ([], ["SELF"] * 3, ["THEIRS"]):
        with refused("ValidationException"):
            kms("ListKeys", ResourceOwners=owners)


def test_each_account_lists_its_own(region: RegionUnderTest, lists: Lists) -> None:
    assert len(region.stranger("ListKeys")["Keys"]) == 1
    aliases = region.stranger("ListAliases")["Aliases"]
    assert [each["AliasName"] for each in aliases] == [*LISTED, "alias/zzz"]


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


def test_the_policies_of_a_key_are_one_page(kms: Kms) -> None:
    key_id = kms.key()
    for limit in (1, 1000):
        assert kms("ListKeyPolicies", KeyId=key_id, Limit=limit) == {
            "PolicyNames": ["default"],
            "Truncated": False,
        }


@pytest.mark.parametrize(
    "name", ["ListKeys", "ListAliases", "ListAliases of a key", "ListResourceTags"]
)
@pytest.mark.parametrize("limit", [1, 3, 10])
def test_a_list_is_stable_while_items_come_and_go(
    kms: Kms, lists: Lists, name: str, limit: int
) -> None:
    """What is there all the time comes once, in order; what comes or goes, once at most."""
    members, items, expected = lists[name]
    found: list[str] = []
    added: list[str] = []
    for number, shown in enumerate(pages(kms, name, lists, limit)):
        found += shown
        if number < 6:
            prefix = "alias/" if items == "Aliases" else ""
            added.append(f"{prefix}{'azm'[number % 3]}-{limit}-{number}")
            _add(kms, name, members, added[-1])
            if number % 2 and items != "Keys":
                _remove(kms, name, members, added.pop(0))
    assert len(found) == len(set(found))
    assert set(expected) <= set(found)
    assert found == sorted(found)
    for item in added if items != "Keys" else ():
        _remove(kms, name, members, item)


def _add(kms: Kms, name: str, members: dict[str, Any], item: str) -> None:
    """One item more; a key's name is KMS's to choose."""
    if name == "ListKeys":
        kms.key()
    elif name == "ListResourceTags":
        kms("TagResource", Tags=[{"TagKey": item, "TagValue": ""}], **members)
    else:
        kms("CreateAlias", AliasName=item, TargetKeyId=members.get("KeyId") or kms.key())


def _remove(kms: Kms, name: str, members: dict[str, Any], item: str) -> None:
    if name == "ListResourceTags":
        kms("UntagResource", TagKeys=[item], **members)
    else:
        kms("DeleteAlias", AliasName=item)


@pytest.mark.usefixtures("boto3_clock")
@pytest.mark.parametrize(
    ("paginator", "items"),
    [
        ("list_keys", "Keys"),
        ("list_aliases", "Aliases"),
        ("list_resource_tags", "Tags"),
        ("list_key_rotations", "Rotations"),
        ("list_grants", "Grants"),
        ("list_retirable_grants", "Grants"),
        ("list_key_policies", "PolicyNames"),
        ("describe_custom_key_stores", "CustomKeyStores"),
    ],
)
def test_the_paginators_of_boto3(kms: Kms, lists: Lists, paginator: str, items: str) -> None:
    name = "".join(part.capitalize() for part in paginator.split("_"))
    client = boto3_client(kms)
    found = [
        item
        for page in client.get_paginator(paginator).paginate(
            PaginationConfig={"PageSize": 5}, **of_any(lists, name)
        )
        for item in page[items]
    ]
    whole = kms(name, Limit=MOST[name], **of_any(lists, name))[items]
    assert len(found) == len(whole)

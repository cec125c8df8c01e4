"""TagResource, UntagResource, ListResourceTags (kms-semantics part g)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.client import Kms, refused


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in pairs.items()]


def shown(kms: Kms, key_id: str) -> dict[str, str]:
    answer = kms("ListResourceTags", KeyId=key_id)
    assert answer["Truncated"] is False
    return {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]}


def test_tags_are_added_replaced_and_taken_away(kms: Kms) -> None:
    key_id = kms.key(Tags=tags(a="1", b="2"))
    assert shown(kms, key_id) == {"a": "1", "b": "2"}
    assert kms("TagResource", KeyId=key_id, Tags=tags(b="3", c="")) == {}
    assert shown(kms, kms.arn(key_id)) == {"a": "1", "b": "3", "c": ""}
    assert kms("UntagResource", KeyId=key_id, TagKeys=["a", "c", "never there"]) == {}
    assert shown(kms, key_id) == {"b": "3"}
    kms("TagResource", KeyId=key_id, Tags=[])
    kms("UntagResource", KeyId=key_id, TagKeys=[])
    assert shown(kms, key_id) == {"b": "3"}


def test_tags_come_back_as_they_went_in(kms: Kms) -> None:
    odd = {"ключ": "\U0001f511", " ": " ", "\x00\n": "\x00", "k" * 128: "v" * 256}
    assert shown(kms, kms.key(Tags=tags(**odd))) == odd


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (tags(a="1") * 2, "Duplicate tag keys"),
        (tags(**{"aws:a": "1"}), "Tags beginning with aws: are reserved"),
        (tags(**{"Aws:a": "1"}), "Tags beginning with aws: are reserved"),
        (tags(**{str(number): "" for number in range(51)}), "Too many tags"),
    ],
)
def test_bad_tags_change_nothing(kms: Kms, bad: list[dict[str, str]], message: str) -> None:
    key_id = kms.key(Tags=tags(kept="1"))
    with refused("TagException", message):
        kms("TagResource", KeyId=key_id, Tags=bad)
    assert shown(kms, key_id) == {"kept": "1"}


def test_fifty_tags_at_most_also_one_by_one(kms: Kms) -> None:
    key_id = kms.key(Tags=tags(**{str(number): "" for number in range(50)}))
    kms("TagResource", KeyId=key_id, Tags=tags(**{"7": "again"}))
    with refused("TagException", "Too many tags"):
        kms("TagResource", KeyId=key_id, Tags=tags(more=""))
    kms("UntagResource", KeyId=key_id, TagKeys=["7"])
    kms("TagResource", KeyId=key_id, Tags=tags(more=""))
    assert len(shown(kms, key_id)) == 50


def test_reserved_tags_cannot_be_taken_away(kms: Kms) -> None:
    with refused("TagException", "Tags beginning with aws: are reserved"):
        kms("UntagResource", KeyId=kms.key(), TagKeys=["aws:a"])


@pytest.mark.parametrize(
    ("operation", "members", "failure"),
    [
        (
            "TagResource",
            {"Tags": [{"TagKey": "", "TagValue": ""}]},
            "Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1",
        ),
        (
            "TagResource",
            {"Tags": [{"TagKey": "a", "TagValue": "v" * 257}]},
            f"Value '{'v' * 257}' at 'tags.1.member.tagValue' failed to satisfy constraint: "
            "Member must have length less than or equal to 256",
        ),
        (
            "UntagResource",
            {},
            "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
def test_members_out_of_bounds(
    kms: Kms, operation: str, members: dict[str, Any], failure: str
) -> None:
    with refused("ValidationException", f"1 validation error detected: {failure}"):
        kms(operation, KeyId=kms.key(), **members)

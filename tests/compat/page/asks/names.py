"""Calls about aliases and tags."""

from __future__ import annotations

from tests.compat.page.asks.common import TAGS, Calls
from tests.compat.page.ground import Ground


def create_alias(on: Ground) -> Calls:
    yield {"AliasName": "alias/made", "TargetKeyId": on.symmetric}
    yield {"AliasName": "alias/also-made", "TargetKeyId": on.symmetric}


def update_alias(on: Ground) -> Calls:
    on.kms.create_alias(AliasName="alias/moved", TargetKeyId=on.symmetric)
    yield {"AliasName": "alias/moved", "TargetKeyId": on.new_key()}


def delete_alias(on: Ground) -> Calls:
    on.kms.create_alias(AliasName="alias/deleted", TargetKeyId=on.symmetric)
    yield {"AliasName": "alias/deleted"}


def list_aliases(on: Ground) -> Calls:
    yield {}
    yield {"KeyId": on.symmetric}


def list_resource_tags(on: Ground) -> Calls:
    yield {"KeyId": on.new_key(Tags=[*TAGS, {"TagKey": "shape", "TagValue": "round"}])}

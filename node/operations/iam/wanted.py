"""What `keyspan iam apply` asks for: the principals of an account as they are to be.

What is None is left as it is; what is given holds entirely, so that a tag, a policy, a membership
or an access key that is not listed is taken away. No repr shows a secret.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from node.wire.shapes import types as kms_types
from node.wire.shapes.iam import types

Policies = dict[str, types.PolicyDocument]
"""Inline policies by name."""


class _Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entity."""


class WantedKey(_Wanted, frozen=True, kw_only=True):
    """An access key that is given, as tests need it."""

    id: types.AccessKeyId
    secret: Annotated[str, kms_types.length(32, 256), kms_types.SENSITIVE]
    status: Literal["Active", "Inactive"] = "Active"

    def __repr__(self) -> str:
        return f"WantedKey({self.id})"


class WantedUser(_Wanted, frozen=True, kw_only=True):
    """A user. `attached` are names of managed policies of the account, or ARNs."""

    name: types.UserName
    path: types.Path | None = None
    tags: dict[str, types.TagValue] | None = None
    groups: list[types.GroupName] | None = None
    attached: list[str] | None = None
    policies: Policies | None = None
    access_keys: list[WantedKey] | None = None


class WantedGroup(_Wanted, frozen=True, kw_only=True):
    """A group. Who is in it is said of users."""

    name: types.GroupName
    path: types.Path | None = None
    attached: list[str] | None = None
    policies: Policies | None = None


class WantedRole(_Wanted, frozen=True, kw_only=True):
    """A role. One that is to be made needs a trust policy."""

    name: types.RoleName
    path: types.Path | None = None
    trust: types.PolicyDocument | None = None
    description: types.RoleDescription | None = None
    max_session_seconds: types.RoleMaxSessionDuration | None = None
    tags: dict[str, types.TagValue] | None = None
    attached: list[str] | None = None
    policies: Policies | None = None


class WantedPolicy(_Wanted, frozen=True, kw_only=True):
    """A managed policy. Another document becomes a new version, which is the default."""

    name: types.PolicyName
    path: types.PolicyPath | None = None
    description: types.PolicyDescription | None = None
    document: types.PolicyDocument


class Wanted(_Wanted, frozen=True, kw_only=True):
    """A whole file. `account`: the cluster's own unless another one is named."""

    account: kms_types.AccountId | None = None
    policies: list[WantedPolicy] = []
    groups: list[WantedGroup] = []
    roles: list[WantedRole] = []
    users: list[WantedUser] = []


class ApplyPrincipalsRequest(msgspec.Struct, frozen=True):
    """`prune`: delete whoever is in the account and not wanted. `dry_run`: only tell."""

    wanted: Wanted
    prune: bool = False
    dry_run: bool = False


class ApplyPrincipalsResponse(msgspec.Struct, frozen=True):
    """What was changed, a phrase for each: "user app made"."""

    account: str
    changes: list[str]

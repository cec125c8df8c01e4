"""What Keyspan's own operations for seeds take and answer. No request shows its secrets."""

from __future__ import annotations

from typing import Annotated

import msgspec

from node.operations.keys import MULTI_REGION_PREFIX
from node.wire.shapes import types


class SeedAccountRequest(msgspec.Struct, frozen=True):
    """An account, and the access key of the administrator that it gets."""

    account: types.AccountId
    access_key_id: Annotated[str, types.length(16, 128)]
    secret_access_key: Annotated[str, types.length(32, 256), types.SENSITIVE]

    def __repr__(self) -> str:
        return f"SeedAccountRequest({self.account})"


class SeedAccountResponse(msgspec.Struct, frozen=True):
    """The account's administrator."""

    principal: str


class SeedKeyRequest(msgspec.Struct, frozen=True):
    """What is to be true of a key in this region; what is None is left as it is.

    `create`: make the key if it is not here. `replicas` are the regions that are to have a replica;
    the primary's region sees to it. `material` is what ImportKeyMaterial would take.
    """

    account: types.AccountId
    key_id: types.KeyId
    key_spec: types.KeySpec
    key_usage: types.KeyUsage | None = None
    description: types.Description | None = None
    policy: types.Policy | None = None
    tags: dict[str, str] | None = None
    aliases: list[types.AliasName] = []
    replicas: list[types.Region] = []
    create: bool = False
    material: Annotated[bytes, types.SENSITIVE] | None = None

    def __repr__(self) -> str:
        return f"SeedKeyRequest({self.key_id})"

    @property
    def multi_region(self) -> bool:
        """Whether the ID is that of a multi-Region key."""
        return self.key_id.startswith(MULTI_REGION_PREFIX)

    @property
    def bypass_policy_lockout_safety_check(self) -> bool:
        """Whoever writes a seed may write the next one."""
        return True


class SeedKeyResponse(msgspec.Struct, frozen=True):
    """A key as it is now; `created` if it was not here before. `regions` have a related key."""

    arn: str
    created: bool
    primary: str
    regions: list[str]

"""What Keyspan's own operations for seeds take and answer. No request shows its secrets."""

from __future__ import annotations

from typing import Annotated

import msgspec

from node.operations.keys import MULTI_REGION_PREFIX
from node.wire.shapes.types import SENSITIVE


class SeedAccountRequest(msgspec.Struct, frozen=True):
    """An account, and the access key of the administrator that it gets."""

    account: str
    access_key_id: str
    secret_access_key: Annotated[str, SENSITIVE]

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

    account: str
    key_id: str
    key_spec: str
    key_usage: str | None = None
    description: str | None = None
    policy: str | None = None
    tags: dict[str, str] | None = None
    aliases: list[str] = []
    replicas: list[str] = []
    create: bool = False
    material: Annotated[bytes, SENSITIVE] | None = None

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

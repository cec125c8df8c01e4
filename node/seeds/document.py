"""What a seed file can say: its form, as frozen values.

    [[accounts]]
    id = "444455556666"
    access_key_id = "AKIAEXAMPLE000000000"
    secret_access_key = "an example of forty characters, or so it is"

    [[keys]]
    id = "mrk-1234abcd12ab34cd56ef1234567890ab"
    region = "us-east-1"                     # default: the cluster's first region
    replicas = ["eu-west-1"]
    account = "444455556666"                 # default: the cluster's account
    spec = "SYMMETRIC_DEFAULT"               # the default
    usage = "ENCRYPT_DECRYPT"                # needed where KMS needs it
    material = "base64 of the key material"  # default: KMS makes it, at the first start
    description = "for orders"
    aliases = ["alias/orders"]
    tags = { team = "payments" }
    policy = '''{"Version": "2012-10-17", "Statement": []}'''

Description, aliases, tags and policy are those of the key in each of its regions.
"""

from __future__ import annotations

from typing import Any

import msgspec

SPEC = "SYMMETRIC_DEFAULT"
MULTI_REGION_PREFIX = "mrk-"


class _Secretive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shows its name alone: what it holds may be secret."""

    id: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("id", self.id)]


class SeedAccount(_Secretive, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account beside the cluster's own, and the access key of its administrator."""

    access_key_id: str
    secret_access_key: str


class SeedKey(_Secretive, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key. None: what the file does not mention, and is left as it is."""

    region: str | None = None
    replicas: list[str] = []
    account: str | None = None
    spec: str = SPEC
    usage: str | None = None
    material: str | None = None
    description: str | None = None
    policy: str | None = None
    tags: dict[str, str] | None = None
    aliases: list[str] = []

    @property
    def multi_region(self) -> bool:
        """Whether its ID is that of a multi-Region key."""
        return self.id.startswith(MULTI_REGION_PREFIX)


class Seed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole seed file."""

    accounts: list[SeedAccount] = []
    keys: list[SeedKey] = []

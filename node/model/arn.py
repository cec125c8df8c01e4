"""ARNs of keys and aliases, and the forms in which a request may name a key.

Refuses every other form, in KMS's words. Source: kms-semantics parts a and g; KMS Developer Guide,
"Key identifiers (KeyId)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from node.model.errors import InvalidArn, NotFound

PARTITION: Final = "aws"
ALIAS_PREFIX: Final = "alias/"

_KEY_ID: Final = re.compile(
    r"mrk-[0-9a-fA-F]{32}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)
_ARN: Final = re.compile(r"arn:([^:]*):kms:([^:]*):([^:]*):(key|alias)/(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class KeyReference:
    """A key that a request names: by its ID, or by an alias (with its prefix), in an account."""

    account: str
    key_id: str | None = None
    alias: str | None = None


def key_arn(region: str, account: str, key_id: str) -> str:
    """The ARN of a KMS key."""
    return f"arn:{PARTITION}:kms:{region}:{account}:key/{key_id}"


def alias_arn(region: str, account: str, name: str) -> str:
    """The ARN of an alias; `name` has its prefix."""
    return f"arn:{PARTITION}:kms:{region}:{account}:{name}"


def parse_reference(text: str, *, region: str, account: str, aliases: bool) -> KeyReference:
    """What `text` names to a caller of `account` in `region`.

    `aliases` says whether the operation takes alias names and alias ARNs. Raises NotFound for text
    that names nothing (KMS answers so), InvalidArn for a malformed ARN.
    """
    if text.startswith("arn:"):
        return _parse_arn(text, region=region, aliases=aliases)
    if text.startswith(ALIAS_PREFIX) and aliases:
        return KeyReference(account, alias=text)
    if _KEY_ID.fullmatch(text):
        return KeyReference(account, key_id=text)
    raise NotFound(f"Invalid keyId '{text}'")


def _parse_arn(text: str, *, region: str, aliases: bool) -> KeyReference:
    found = _ARN.fullmatch(text)
    if found is None:
        raise InvalidArn(f"{text} is not a valid key ARN.")
    partition, arn_region, account, kind, name = found.groups()
    if partition != PARTITION or arn_region != region:
        raise NotFound(f"Invalid arn {arn_region}")
    if kind == "alias":
        if not aliases:
            raise InvalidArn(f"{text} is an alias ARN, where a key ARN is required.")
        return KeyReference(account, alias=f"{ALIAS_PREFIX}{name}")
    if not _KEY_ID.fullmatch(name):
        raise NotFound(f"Invalid keyId '{name}'")
    return KeyReference(account, key_id=name)

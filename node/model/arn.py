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
_ARN: Final = re.compile(r"arn:([^:]*):kms:([^:]*):([^:]*):(?P<kind>key|alias)/(.+)", re.DOTALL)


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


def is_alias(text: str) -> bool:
    """Whether `text` is an alias name or an alias ARN, of whatever region."""
    found = _ARN.fullmatch(text)
    return text.startswith(ALIAS_PREFIX) or (found is not None and found["kind"] == "alias")


def parse_reference(text: str, *, region: str, account: str, aliases: bool) -> KeyReference:
    """What `text` names to a caller of `account` in `region`.

    `aliases` says whether the operation takes alias names and alias ARNs. Raises NotFound for text
    that names nothing (KMS answers so), InvalidArn for a malformed ARN, and for an alias where none
    is taken.
    """
    if not aliases and is_alias(text):
        raise InvalidArn("Key Aliases are not supported for this operation.")
    if text.startswith("arn:"):
        return _parse_arn(text, region)
    if text.startswith(ALIAS_PREFIX):
        return KeyReference(account, alias=text)
    if _KEY_ID.fullmatch(text):
        return KeyReference(account, key_id=text)
    raise NotFound(f"Invalid keyId '{text}'")


def _parse_arn(text: str, region: str) -> KeyReference:
    found = _ARN.fullmatch(text)
    if found is None:
        raise InvalidArn(f"Invalid arn {text}")
    partition, arn_region, account, kind, name = found.groups()
    if partition != PARTITION or arn_region != region:
        raise NotFound(f"Invalid arn {arn_region}")
    if kind == "alias":
        return KeyReference(account, alias=f"{ALIAS_PREFIX}{name}")
    if not _KEY_ID.fullmatch(name):
        raise NotFound(f"Invalid keyId '{name}'")
    return KeyReference(account, key_id=name)

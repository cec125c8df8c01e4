"""ARNs of keys and aliases, and the forms in which a request may name a key.

Refuses every other form, in KMS's words. Source: kms-semantics parts a and g; KMS Developer Guide,
"Key identifiers (KeyId)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from node.model.errors import InvalidArn, NotFound

PARTITION: Final = "aws"
ALIAS_PREFIX: Final = "alias/"
_REMEMBERED: Final = 4096  # key ARNs: each call names its key's some times

_KEY_ID: Final = re.compile(
    r"mrk-[0-9a-fA-F]{32}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)
_ACCOUNT_ARN: Final = re.compile(rf"arn:{PARTITION}:iam::(\d{{12}}):root", re.ASCII)
_PRINCIPAL_ARN: Final = re.compile(
    rf"arn:{PARTITION}:(?:iam::\d{{12}}:(?:user|role)(?:/[\w+=,.@-]+)+"
    r"|sts::\d{12}:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+"
    r"|sts::\d{12}:federated-user/[\w+=,.@-]+)",
    re.ASCII,
)
_UNIQUE_ID: Final = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,124}", re.ASCII)
_ARN: Final = re.compile(r"arn:([^:]*):kms:([^:]*):([^:]*):(?P<kind>key|alias)/(.+)", re.DOTALL)


@dataclass(init=False, slots=True)
class KeyReference:
    """A key that a request names: by its ID, or by an alias (with its prefix), in an account."""

    account: Final[str]
    key_id: Final[str | None]
    alias: Final[str | None]

    def __init__(self, account: str, key_id: str | None = None, alias: str | None = None) -> None:
        self.account = account
        self.key_id = key_id
        self.alias = alias


@lru_cache(_REMEMBERED)
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


def account_arn(account: str) -> str:
    """The ARN of an account as a principal, which is also that of its root user."""
    return f"arn:{PARTITION}:iam::{account}:root"


def account_of(arn: str) -> str | None:
    """The account that an ARN stands for as a principal; None if it is another ARN."""
    found = _ACCOUNT_ARN.fullmatch(arn)
    return None if found is None else found[1]


def is_identity_arn(arn: str) -> bool:
    """Whether it is the ARN of a user, a role, or a session (IAM User Guide, "IAM identifiers")."""
    return _PRINCIPAL_ARN.fullmatch(arn) is not None


def is_unique_id(text: str) -> bool:
    """Whether it is the unique ID of a user or role (IAM User Guide, "IAM identifiers")."""
    return _UNIQUE_ID.fullmatch(text) is not None


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

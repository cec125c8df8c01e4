"""IAM's quotas, and what is refused because it is not served.

Source: IAM User Guide, "IAM and AWS STS quotas", the default of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from node.directory.parts import Kind
from node.model.errors import InvalidInput, LimitExceeded

_NUMBERS: Final[Mapping[Kind, tuple[str, int]]] = {
    Kind.USER: ("UsersPerAccount", 5000),
    Kind.GROUP: ("GroupsPerAccount", 300),
    Kind.ROLE: ("RolesPerAccount", 1000),
    Kind.POLICY: ("PoliciesPerAccount", 1500),
}
_ATTACHED: Final[Mapping[Kind, str]] = {
    Kind.USER: "PoliciesPerUser",
    Kind.GROUP: "PoliciesPerGroup",
    Kind.ROLE: "PoliciesPerRole",
}
_INLINE: Final[Mapping[Kind, tuple[str, int]]] = {
    Kind.USER: ("user", 2048),
    Kind.GROUP: ("group", 5120),
    Kind.ROLE: ("role", 10_240),
}
ATTACHED_MOST: Final = 10
ACCESS_KEYS_MOST: Final = 2
GROUPS_MOST: Final = 10
VERSIONS_MOST: Final = 5
TRUST_MOST: Final = 2048
MANAGED_MOST: Final = 6144


def check_number(kind: Kind, held: int) -> None:
    """Raise LimitExceeded if an account has as many as it may."""
    _check(*_NUMBERS[kind], held)


def check_attached(kind: Kind, held: int) -> None:
    """Raise LimitExceeded if a user, group or role has as many attached policies as it may."""
    _check(_ATTACHED[kind], ATTACHED_MOST, held)


def check_access_keys(held: int) -> None:
    """Raise LimitExceeded if a user has as many access keys as it may."""
    _check("AccessKeysPerUser", ACCESS_KEYS_MOST, held)


def check_groups(held: int) -> None:
    """Raise LimitExceeded if a user is in as many groups as it may be."""
    _check("GroupsPerUser", GROUPS_MOST, held)


def check_inline(kind: Kind, name: str, documents: Iterable[str]) -> None:
    """Raise LimitExceeded if the inline policies of one together are too long."""
    noun, most = _INLINE[kind]
    if sum(map(_size, documents)) > most:
        raise LimitExceeded(f"Maximum policy size of {most} bytes exceeded for {noun} {name}")


def check_managed(document: str) -> None:
    """Raise LimitExceeded if a managed policy is too long."""
    if _size(document) > MANAGED_MOST:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {MANAGED_MOST}")


def check_trust(document: str) -> None:
    """Raise LimitExceeded if a trust policy is too long."""
    if _size(document) > TRUST_MOST:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_MOST}")


def refuse_boundary(boundary: str | None) -> None:
    """Raise InvalidInput for a permissions boundary: it would have to narrow, and does not."""
    if boundary is not None:
        raise InvalidInput("Permissions boundaries are not available in Keyspan.")


def _check(quota: str, most: int, held: int) -> None:
    if held >= most:
        raise LimitExceeded(f"Cannot exceed quota for {quota}: {most}")


def _size(document: str) -> int:
    """The length of a document as IAM counts it: white space does not count."""
    return len("".join(document.split()))

"""Whether a principal may do something, as a pure function of values.

As yet there is one kind of principal, an administrator of an account, who may do everything in it
and nothing in another. Key policies are stored, not evaluated (README, "What it does not do yet").
Messages: kms-semantics part f.
"""

from __future__ import annotations

from node.model.errors import AccessDenied
from node.model.principal import Principal


def authorise(principal: Principal, action: str, account: str, resource: str) -> None:
    """Raise AccessDenied unless `principal` may do `action` to a resource of `account`."""
    if principal.account != account:
        raise AccessDenied(
            f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource} "
            f"because no resource-based policy allows the {action} action"
        )


def ciphertext_denied(principal: Principal, action: str) -> AccessDenied:
    """The error for a ciphertext whose key is not here, or not the caller's: KMS tells no
    difference.
    """
    return AccessDenied(
        f"User: {principal.arn} is not authorized to perform: {action} on the resource "
        "associated with this ciphertext because the resource does not exist in this Region, no "
        "resource-based policies allow access, or a resource-based policy explicitly denies access"
    )

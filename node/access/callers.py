"""From the ARN of a principal to the caller that it would be, for decisions that nobody asked for.

Source: IAM User Guide, "IAM identifiers" and "AWS JSON policy elements: Principal" on sessions.
"""

from __future__ import annotations

from typing import Final

from node.model.arn import PARTITION, account_of, is_identity_arn
from node.model.principal import Principal, Session

SESSION_NAME: Final = "any-session"
"""Of the session that stands for a role: a role itself never calls."""


def caller_of(arn: str, now: float, session_policy: str | None = None) -> Principal | None:
    """The caller with this ARN; None if it is no principal's. `now` is epoch seconds.

    A role becomes a session of that role. The policy narrows sessions, and nobody else.
    """
    account = account_of(arn)
    if account is not None:
        return Principal(account, arn, account, "Root")
    if not is_identity_arn(arn):
        return None
    account, resource = arn.split(":")[4:6]
    kind, *names = resource.split("/")
    if kind == "role":
        session_arn = f"arn:{PARTITION}:sts::{account}:assumed-role/{names[-1]}/{SESSION_NAME}"
        return _session(account, session_arn, arn, now, session_policy)
    if kind == "assumed-role":
        issuer = f"arn:{PARTITION}:iam::{account}:role/{names[0]}"
        return _session(account, arn, issuer, now, session_policy)
    return Principal(account, arn, names[-1], "IAMUser")


def _session(account: str, arn: str, issuer: str, now: float, policy: str | None) -> Principal:
    name = arn.rpartition("/")[2]
    return Principal(account, arn, name, "AssumedRole", session=Session(issuer, now, policy))

"""Who calls: a principal of an account, and the credential that proves it.

Source: the IAM User Guide, "IAM identifiers"; the KMS key policy element `Principal`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

PrincipalKind = Literal["Root", "IAMUser", "AssumedRole", "AWSService"]
"""What CloudTrail calls `userIdentity.type`."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One identity in one account."""

    account: str  # 12 digits
    arn: str  # arn:aws:iam::<account>:user/<name>
    principal_id: str  # unique for all time, also when a name is used again
    kind: PrincipalKind


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key: its public ID, its secret, and the principal it stands for."""

    access_key_id: str
    secret: str = field(repr=False)
    principal: Principal
    active: bool

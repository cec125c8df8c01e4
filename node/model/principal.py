"""Who calls: a principal of an account, and the credential that proves it.

Source: the IAM User Guide, "IAM identifiers"; the KMS key policy element `Principal`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

PrincipalKind = Literal["Root", "IAMUser", "AssumedRole", "AWSService"]
"""What CloudTrail calls `userIdentity.type`."""

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Session:
    """What temporary credentials add to a principal.

    `issuer` is the ARN of the role that was assumed, or of the user who asked for the session.
    `policy` is the session policy, a document that narrows what the session may do.
    `source_identity` is what the person or program called itself at first; it and the tags with
    `transitive_tag_keys` go on to every role that is assumed from this session.
    """

    issuer: str
    issued: float  # epoch seconds
    policy: str | None = None
    source_identity: str = ""
    transitive_tag_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """One identity in one account. `tags` are those of the user or role, and of the session."""

    account: str  # 12 digits
    arn: str  # arn:aws:iam::<account>:user/<name>
    principal_id: str  # unique for all time, also when a name is used again
    kind: PrincipalKind
    tags: Tags = ()
    session: Session | None = None

    @property
    def issuer(self) -> str:
        """The ARN that identity policies are attached to: of the user, or of the role assumed."""
        return self.arn if self.session is None else self.session.issuer

    @property
    def unique_id(self) -> str:
        """The unique ID of the user, or of the role assumed, by which stored policies name them."""
        return self.principal_id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """An identity policy: a document that is attached to a user or role, under a name."""

    name: str
    document: str


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key: its public ID, its secret, and the principal it stands for."""

    access_key_id: str
    secret: str = field(repr=False)
    principal: Principal
    active: bool

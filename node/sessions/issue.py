"""New temporary credentials: of a role that was assumed, or of a user. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from crypto.material import Randomness
from node.directory.ids import new_secret, new_temporary_key_id
from node.model.arn import PARTITION
from node.model.principal import Principal
from node.sessions.content import Content
from node.sessions.request import Wanted


@dataclass(frozen=True, slots=True)
class AssumableRole:
    """A role, as far as its sessions have something of it."""

    account: str
    arn: str
    name: str  # without its path
    unique_id: str


def session_of_role(
    role: AssumableRole,
    session_name: str,
    wanted: Wanted,
    packed: bytes,
    *,
    now: float,
    seconds: int,
    randomness: Randomness,
) -> Content:
    """A session of a role: `arn:aws:sts::<account>:assumed-role/<role>/<session>`."""
    arn = f"arn:{PARTITION}:sts::{role.account}:assumed-role/{role.name}/{session_name}"
    return Content(
        access_key_id=new_temporary_key_id(randomness),
        secret=new_secret(randomness),
        account=role.account,
        arn=arn,
        principal_id=f"{role.unique_id}:{session_name}",
        kind="AssumedRole",
        issuer=role.arn,
        issued=now,
        expires=float(int(now) + seconds),
        source_identity=wanted.source_identity,
        packed=packed,
    )


def session_of_user(
    user: Principal, *, now: float, seconds: int, randomness: Randomness
) -> Content:
    """A session of a user, or of an account's root user: the same principal, for a while."""
    return Content(
        access_key_id=new_temporary_key_id(randomness),
        secret=new_secret(randomness),
        account=user.account,
        arn=user.arn,
        principal_id=user.principal_id,
        kind=user.kind,
        issuer=user.arn,
        issued=now,
        expires=float(int(now) + seconds),
        source_identity="",
        packed=b"",
    )

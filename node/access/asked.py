"""What is asked of a policy: one call with its parameters, its key and its circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from node.access.actions import PREFIX
from node.model.key import Key
from node.model.principal import Principal

_RE_ENCRYPT_SIDES: Final = {"ReEncryptFrom": "source", "ReEncryptTo": "destination"}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """From where and when a call came. `received` is epoch seconds."""

    region: str
    source_address: str
    user_agent: str
    received: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, as the conditions of a policy see it.

    `request` is the call's shape. `facts` are values that only the operation knows, and come first.
    """

    caller: Principal
    circumstances: Circumstances
    action: str  # "kms:Encrypt"
    request: object
    key: Key | None = None
    aliases: tuple[str, ...] = ()
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def operation(self) -> str:
        """The action without its service."""
        return self.action.removeprefix(PREFIX)

    def parameter(self, name: str) -> Any:
        """A parameter of the request; for ReEncrypt, of the side that the action is about."""
        side = _RE_ENCRYPT_SIDES.get(self.operation)
        if side is not None:
            return getattr(self.request, f"{side}_{name}", None)
        return getattr(self.request, name, None)


def encryption_context(asked: Asked) -> Mapping[str, str]:
    """The encryption context of a request; of CreateGrant, that of its constraint."""
    constraints = asked.parameter("constraints")
    if constraints is None:
        return asked.parameter("encryption_context") or {}
    pairs: Mapping[str, str] | None = constraints.encryption_context_equals
    return pairs or constraints.encryption_context_subset or {}

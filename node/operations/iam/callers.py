"""Calls about the caller's own user, which need not name it."""

from __future__ import annotations

from node.model.errors import Validation
from node.wire.messages import Call


def own_name(call: Call) -> str:
    """The name of the user who calls. Raises Validation for whoever is no user."""
    caller = call.principal
    if caller.kind != "IAMUser":
        raise Validation("Must specify userName when calling with non-User credentials")
    return caller.arn.rpartition("/")[2]

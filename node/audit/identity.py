"""`userIdentity`: who called, in CloudTrail's words.

Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from node.audit.times import iso_time
from node.model.principal import Principal, Session

ACCESS_KEY_MOST: Final = 128  # characters; what a stranger claims may be longer
_encode: Final = msgspec.json.Encoder().encode


def user_identity(principal: Principal, access_key_id: str) -> msgspec.Raw:
    """The identity of a caller whose signature was verified."""
    members: dict[str, Any] = {
        "type": principal.kind,
        "principalId": principal.principal_id,
        "arn": principal.arn,
        "accountId": principal.account,
        "accessKeyId": access_key_id,
    }
    if principal.kind == "IAMUser":
        members["userName"] = principal.arn.rpartition("/")[2]
    if principal.session is not None:
        members["sessionContext"] = _session(principal, principal.session)
    return msgspec.Raw(_encode(members))


def _session(principal: Principal, session: Session) -> dict[str, Any]:
    """Who is behind temporary credentials: the role, or the root or other user who asked."""
    issuer = session.issuer
    context: dict[str, Any] = {
        "sessionIssuer": {
            "type": "Role" if ":role/" in issuer else principal.kind,
            "principalId": principal.unique_id,
            "arn": issuer,
            "accountId": principal.account,
            "userName": issuer.rpartition("/")[2],
        },
        "attributes": {"creationDate": iso_time(session.issued), "mfaAuthenticated": "false"},
    }
    if session.source_identity:
        context["sourceIdentity"] = session.source_identity
    return context


def unknown_identity(claimed: str | None) -> msgspec.Raw:
    """The identity of a caller who proved none. `claimed` is the access key ID that was named."""
    members = {"type": "Unknown", "principalId": "", "accountId": ""}
    if claimed:
        name = claimed[:ACCESS_KEY_MOST].encode("utf-8", "replace").decode()
        members["accessKeyId"] = name
    return msgspec.Raw(_encode(members))


def internal_identity(account: str, invoked_by: str) -> msgspec.Raw:
    """The identity of what the service does by itself."""
    return msgspec.Raw(_encode({"accountId": account, "invokedBy": invoked_by}))

"""GetCallerIdentity: who a caller is, for anyone who has signed.

Source: STS API Reference.
"""

from __future__ import annotations

from node.wire.messages import Call
from node.wire.shapes.sts import GetCallerIdentityRequest, GetCallerIdentityResponse


class Sessions:
    """The operations of STS."""

    async def get_caller_identity(
        self, call: Call, request: GetCallerIdentityRequest
    ) -> GetCallerIdentityResponse:
        """Asks for no permission: AWS tells callers who they are even where a policy denies it."""
        caller = call.principal
        return GetCallerIdentityResponse(
            user_id=caller.principal_id, account=caller.account, arn=caller.arn
        )

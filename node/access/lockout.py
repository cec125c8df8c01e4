"""The lockout safety check: whether a new key policy leaves its writer able to change it again.

Only the key policy itself counts, and of what it allows only what it allows without conditions:
a statement for the account is enough, whatever identity policies say.

Source: KMS API Reference, PutKeyPolicy (BypassPolicyLockoutSafetyCheck); KMS Developer Guide,
"Default key policy".
"""

from __future__ import annotations

from typing import Final

from node.access.patterns import Lookup
from node.access.statement import Policy, Question
from node.model.errors import MalformedPolicyDocument

LOCKED_OUT: Final = "The new key policy will not allow you to update the key policy in the future."


def check_lockout(policy: Policy, question: Question, lookup: Lookup) -> None:
    """Raise MalformedPolicyDocument if the policy would lock the caller out.

    `question` is about kms:PutKeyPolicy on the key; `lookup` reads the call that sets the policy.
    """
    concerning = [each for each in policy.statements if each.concerns(question) is not None]
    allowed = any(each.effect == "Allow" and each.fixed for each in concerning)
    denied = any(each.effect == "Deny" and each.applies(question, lookup) for each in concerning)
    if denied or not allowed:
        raise MalformedPolicyDocument(LOCKED_OUT)

"""AWS Signature Version 4, both sides: what a node checks and what our own client signs.

Pure: no clock and no look-up of its own. A node first reads the claim (`read_claim`: everything
that can be refused without a secret), then looks up the credential, then checks (`verify`).

Follows the IAM User Guide, "Create a signed AWS API request"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), and
for dates "Handling dates in Signature Version 4". Refuses payloads that are not hashed, which no
operation served here has; there is one path, so none is normalised.
"""

from node.wire.sigv4.claim import Accepted, Claim, Scope, read_claim, service_claimed
from node.wire.sigv4.claims import Claims
from node.wire.sigv4.keys import SigningKeys
from node.wire.sigv4.signature import sign, verify

__all__ = [
    "Accepted",
    "Claim",
    "Claims",
    "Scope",
    "SigningKeys",
    "read_claim",
    "service_claimed",
    "sign",
    "verify",
]

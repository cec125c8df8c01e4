"""AWS Signature Version 4, both sides: what a node checks and what our own client signs.

Pure: no clock and no look-up of its own. A node first reads the claim (`read_claim`: everything
that can be refused without a secret), then looks up the credential, then checks (`verify`).

Follows the IAM User Guide, "Create a signed AWS API request"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), and
for dates "Handling dates in Signature Version 4". Refuses session tokens (there are no sessions
yet), presigned URLs and payloads that are not hashed; KMS has one path, so none is normalised.
"""

from node.wire.sigv4.claim import Claim, Scope, read_claim
from node.wire.sigv4.claims import Claims
from node.wire.sigv4.keys import SigningKeys
from node.wire.sigv4.signature import sign, verify

__all__ = ["Claim", "Claims", "Scope", "SigningKeys", "read_claim", "sign", "verify"]

"""Grant tokens: which grant, sealed under the region's root keys. Opaque, unforgeable, each new.

A token gives nothing that its grant does not give: KMS has tokens because a new grant takes minutes
to be known everywhere. Here it takes at most the time in which one node of a region sees another's
change, and a token closes that gap too.

Source: KMS Developer Guide, "Using a grant token".
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from crypto.encoding import binding
from crypto.errors import SealError
from crypto.material import Randomness
from crypto.sealing import RootKeyRing
from node.model.errors import InvalidGrantToken
from node.model.grant import Grant

_PURPOSE: Final = "keyspan grant token"
_SEPARATOR: Final = "\n"


@dataclass(frozen=True, slots=True)
class GrantTokens:
    """Makes and reads the grant tokens of one region."""

    region: str
    ring: RootKeyRing
    randomness: Randomness

    def token(self, grant: Grant) -> str:
        """A new token of a grant."""
        named = f"{grant.key_id}{_SEPARATOR}{grant.grant_id}".encode()
        sealed = self.ring.seal(named, binding(_PURPOSE, self.region), self.randomness)
        return base64.b64encode(sealed).decode("ascii")

    def opened(self, token: str) -> tuple[str, str]:
        """The key ID and grant ID of a token. Raises InvalidGrantToken for one that is not ours."""
        try:
            sealed = base64.b64decode(token, validate=True)
            named = self.ring.open(sealed, binding(_PURPOSE, self.region)).decode()
        except (ValueError, SealError):
            raise InvalidGrantToken("A grant token in the request is not valid.") from None
        key_id, _, grant_id = named.partition(_SEPARATOR)
        return key_id, grant_id

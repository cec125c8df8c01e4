"""The query string of a presigned request: what the Authorization header says elsewhere.

Source: IAM User Guide, "Create a signed AWS API request", "Query string parameters"; recorded AWS
answers for the sentences.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from node.model import errors
from node.wire.sigv4.authorization import Authorization
from node.wire.sigv4.canonical import ALGORITHM, SIGNATURE_PARAMETER
from node.wire.urlencoded import query_pairs

_ALGORITHM: Final = "X-Amz-Algorithm"
CREDENTIAL_PARAMETER: Final = "X-Amz-Credential"
_DATE: Final = "X-Amz-Date"
_SIGNED_HEADERS: Final = "X-Amz-SignedHeaders"
_TOKEN: Final = "X-Amz-Security-Token"  # noqa: S105  the name of a parameter
_REQUIRED: Final = (CREDENTIAL_PARAMETER, SIGNATURE_PARAMETER, _SIGNED_HEADERS, _DATE)


class Presigned(NamedTuple):
    """What a query string says of its signer."""

    authorization: Authorization
    timestamp: str
    token: str


def is_presigned(query: str) -> bool:
    """Whether a query string says how it was signed."""
    return any(name in (_ALGORITHM, SIGNATURE_PARAMETER) for name, _ in query_pairs(query))


def parse_query(query: str) -> Presigned:
    """The parameters of a presigned request; of one that comes twice, the first.

    Raises MissingAuthenticationToken or IncompleteSignature.
    """
    found: dict[str, str] = {}
    for name, value in query_pairs(query):
        found.setdefault(name, value)
    algorithm = found.get(_ALGORITHM)
    if algorithm != ALGORITHM and algorithm is not None:
        if algorithm.startswith("AWS4-"):
            raise errors.IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm}'.")
        raise errors.MissingAuthenticationToken
    missing = [name for name in (_ALGORITHM, *_REQUIRED) if not found.get(name)]
    if missing:
        reasons = (f"AWS query-string parameters must include '{name}'." for name in missing)
        raise errors.IncompleteSignature(
            f"{' '.join(reasons)} Re-examine the query-string parameters."
        )
    authorization = Authorization(
        found[CREDENTIAL_PARAMETER], found[_SIGNED_HEADERS], found[SIGNATURE_PARAMETER]
    )
    return Presigned(authorization, found[_DATE], found.get(_TOKEN, ""))

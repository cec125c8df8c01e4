"""The Authorization header: `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.

Refuses, with AWS's error types and texts: no signature, another algorithm, parameters that are not
`name=value`, parameters that are missing. The header itself is never quoted, only its hash.

Source: IAM User Guide, "Create a signed AWS API request", step 5.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import NamedTuple

from node.model import errors
from node.wire.sigv4.canonical import ALGORITHM

# As every SDK writes it; parameters in another order or otherwise spaced take the longer way.
_USUAL = re.compile(
    rf"{ALGORITHM} Credential=([^ ,]+), ?SignedHeaders=([^ ,]+), ?Signature=([^ ,]+)"
)


class Authorization(NamedTuple):
    """The parameters of the header, as they were sent."""

    credential: str
    signed_headers: str
    signature: str


def parse_authorization(header: str, *, dated: bool) -> Authorization:
    """The three parameters of `header`. `dated`: the request has a date in another header.

    Raises MissingAuthenticationToken or IncompleteSignature.
    """
    usual = _USUAL.fullmatch(header)
    if usual is not None and dated:
        return Authorization(*usual.groups())
    algorithm, _, parameters = header.partition(" ")
    if algorithm != ALGORITHM:
        if algorithm.startswith("AWS4-"):
            raise errors.IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm}'.")
        raise errors.MissingAuthenticationToken
    pairs = dict(_pair(text, header) for text in parameters.replace(",", " ").split())
    found = Authorization(
        pairs.get("Credential", ""), pairs.get("SignedHeaders", ""), pairs.get("Signature", "")
    )
    if not (all(found) and dated):
        raise _incomplete(found, header, dated=dated)
    return found


def _pair(text: str, header: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise errors.IncompleteSignature(
            "Invalid key=value pair (missing equal-sign) in Authorization header "
            f"(hashed with SHA-256 and encoded with Base64): '{_digest(header)}'."
        )
    return name, value


def _incomplete(found: Authorization, header: str, *, dated: bool) -> errors.IncompleteSignature:
    """Names everything that is missing at once, as AWS does."""
    present = {
        "Credential": found.credential,
        "Signature": found.signature,
        "SignedHeaders": found.signed_headers,
    }
    reasons = [
        f"Authorization header requires '{name}' parameter."
        for name, value in present.items()
        if not value
    ]
    if not dated:
        reasons.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    return errors.IncompleteSignature(
        f"{' '.join(reasons)} (Hashed with SHA-256 and encoded with Base64) "
        f"Authorization={_digest(header)}"
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
    return base64.b64encode(digest).decode()

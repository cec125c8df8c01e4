"""The calculation: canonical request, string to sign, signing key, signature.

Source: IAM User Guide, "Create a signed AWS API request", steps 1 to 4.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
SIGNATURE_PARAMETER = "X-Amz-Signature"
TERMINATOR = "aws4_request"

_BLANKS = re.compile("[ \t]+")  # a run of them inside a value counts as one space


def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signed_headers: str,
    payload_hash: str,
) -> bytes:
    """Step 1. `headers` by lower-case name; `signed_headers` as in the Authorization header.

    A signed header that did not come counts as empty. Text that came as bytes outside UTF-8 goes
    back to those bytes (surrogateescape), so that what is checked is what was sent.
    """
    value = headers.get
    lines = [f"{name}:{value(name, '')}" for name in signed_headers.split(";")]
    canonical_headers = "\n".join(lines)
    if "  " in canonical_headers or "\t" in canonical_headers:
        canonical_headers = "\n".join(_BLANKS.sub(" ", line) for line in lines)
    return (
        f"{method}\n{path}\n{_canonical_query(query) if query else ''}\n{canonical_headers}\n\n"
        f"{signed_headers}\n{payload_hash}"
    ).encode("utf-8", "surrogateescape")


def _canonical_query(query: str) -> str:
    """Sorted by name, then value, in the one encoding of RFC 3986; a name alone has an empty value.

    However a client has written it, what is checked is what is read: `+` is a space.
    """
    pairs = sorted(
        (_encoded(name), _encoded(value))
        for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def without_signature(query: str) -> str:
    """The query string that a presigned request's signature covers: all of it but itself."""
    pairs = query.split("&")
    return "&".join(
        pair for pair in pairs if _encoded(pair.partition("=")[0]) != SIGNATURE_PARAMETER
    )


def _encoded(text: str) -> str:
    sent = text.replace("+", " ").encode("utf-8", "surrogateescape")
    return quote(unquote_to_bytes(sent), safe="-_.~")


def credential_scope(date: str, region: str, service: str) -> str:
    """What the signature is good for: `20260102/us-east-1/kms/aws4_request`."""
    return f"{date}/{region}/{service}/{TERMINATOR}"


def string_to_sign(timestamp: str, scope: str, request: bytes) -> bytes:
    """Steps 2 and 3: the canonical request's hash, bound to time and scope."""
    digest = hashlib.sha256(request).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}".encode()


def derive_signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """Step 4, first half: a chain of HMACs, so that the key is good for one scope only."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature(signing_key: bytes, to_sign: bytes) -> str:
    """Step 4, second half."""
    return hmac.digest(signing_key, to_sign, "sha256").hex()

"""Checking a request's signature against a credential, and making one."""

from __future__ import annotations

import hashlib
import hmac

from node.model import errors
from node.model.principal import Credential
from node.wire.messages import WireRequest
from node.wire.sigv4.canonical import (
    ALGORITHM,
    canonical_request,
    credential_scope,
    derive_signing_key,
    signature,
    string_to_sign,
    without_signature,
)
from node.wire.sigv4.claim import Claim, Scope
from node.wire.sigv4.keys import SigningKeys
from node.wire.sigv4.timestamp import basic_format

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
"""AWS goes on to show the canonical request; we do not."""


def verify(request: WireRequest, claim: Claim, credential: Credential, keys: SigningKeys) -> None:
    """Proves that the holder of `credential` signed `request` as `claim` says.

    The payload hash is that of the real body; a hash that the request declares must be the same.
    Raises InvalidSignature.
    """
    payload_hash = hashlib.sha256(request.body).hexdigest()
    declared = request.headers.get("x-amz-content-sha256")
    if declared is not None and declared != payload_hash:
        raise errors.InvalidSignature(
            "The value passed in as x-amz-content-sha256 does not match the computed payload hash."
        )
    region, service = claim.scope
    query = without_signature(request.query) if claim.presigned else request.query
    canonical = keys.templates.canonical_request(request, query, claim.signed_headers, payload_hash)
    date = claim.timestamp[:8]
    to_sign = string_to_sign(claim.timestamp, credential_scope(date, region, service), canonical)
    calculated = keys.signature(
        claim.access_key_id, credential.secret, date, region, service, to_sign
    ).hex()
    provided = claim.signature
    if not (provided.isascii() and hmac.compare_digest(calculated, provided)):
        raise errors.InvalidSignature(MISMATCH)
    if claim.signed_headers not in keys.templates:
        keys.templates.remember(claim.signed_headers)


def sign(
    request: WireRequest, access_key_id: str, secret: str, scope: Scope, now: float
) -> dict[str, str]:
    """The headers to send besides those of `request`, all of which are signed (host among them)."""
    timestamp = basic_format(now)
    headers = {**request.headers, "x-amz-date": timestamp}
    signed_headers = ";".join(sorted(headers))
    date = timestamp[:8]
    credential = credential_scope(date, scope.region, scope.service)
    canonical = canonical_request(
        request.method,
        request.path,
        request.query,
        headers,
        signed_headers,
        hashlib.sha256(request.body).hexdigest(),
    )
    to_sign = string_to_sign(timestamp, credential, canonical)
    key = derive_signing_key(secret, date, scope.region, scope.service)
    authorization = (
        f"{ALGORITHM} Credential={access_key_id}/{credential}, "
        f"SignedHeaders={signed_headers}, Signature={signature(key, to_sign)}"
    )
    return {"x-amz-date": timestamp, "authorization": authorization}

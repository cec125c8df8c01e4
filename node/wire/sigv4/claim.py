"""What a request claims about its signer, and every check that needs no secret.

Refuses, with AWS's error types and texts: a header that cannot be read, a session token, a wrong
scope, a time more than five minutes off, and headers that should be signed and are not. What a
signature does not cover an attacker may change: so all `x-amz-*` headers must be covered,
`x-amz-target` (which names the operation) above all.

Source: IAM User Guide, "Create a signed AWS API request" and "Troubleshoot Signature Version 4".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec

from node.model import errors
from node.wire.messages import WireRequest
from node.wire.sigv4.authorization import parse_authorization
from node.wire.sigv4.canonical import TERMINATOR
from node.wire.sigv4.timestamp import check_timestamp, read_timestamp

# IAM API Reference, AccessKey; what is not of this form is not looked up
_ACCESS_KEY_ID = re.compile("[A-Za-z0-9_]{1,128}")


class Scope(NamedTuple):
    """Where a signature must be good for: this node's region and service."""

    region: str
    service: str


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What the request says of its signer, read but not proved."""

    access_key_id: str
    timestamp: str  # 20260102T030405Z
    scope: Scope
    signed_headers: str  # host;x-amz-date;…, as it was sent
    signature: str

    @property
    def date(self) -> str:
        """The day of the scope: `20260102`."""
        return self.timestamp[:8]


def read_claim(request: WireRequest, scope: Scope, now: float) -> Claim:
    """The claim in `request`, fit to be checked against a secret.

    Raises MissingAuthenticationToken, IncompleteSignature, UnrecognizedClient or
    InvalidSignature.
    """
    headers = request.headers
    authorization = parse_authorization(
        headers.get("authorization", ""), dated="x-amz-date" in headers or "date" in headers
    )
    if "x-amz-security-token" in headers:  # there are no sessions yet
        raise errors.UnrecognizedClient
    timestamp, date_header = read_timestamp(headers)
    access_key_id = _check_scope(authorization.credential, scope, timestamp)
    if _ACCESS_KEY_ID.fullmatch(access_key_id) is None:
        raise errors.UnrecognizedClient
    check_timestamp(timestamp, now)
    check_signed_headers(authorization.signed_headers.split(";"), headers, date_header)
    return Claim(
        access_key_id, timestamp, scope, authorization.signed_headers, authorization.signature
    )


def _check_scope(credential: str, scope: Scope, timestamp: str) -> str:
    """The access key ID of a credential that is scoped to here and to the request's day."""
    elements = credential.split("/")
    if len(elements) != 5:
        raise errors.IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, "
            f"e.g. keyid/date/region/service/term, got '{credential}'"
        )
    access_key_id, date, region, service, terminator = elements
    if region != scope.region:
        raise errors.InvalidSignature(
            f"Credential should be scoped to a valid region, not '{region}'. "
        )
    if service != scope.service:
        raise errors.InvalidSignature(
            f"Credential should be scoped to correct service: '{scope.service}'. "
        )
    if terminator != TERMINATOR:
        raise errors.InvalidSignature(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', "
            f"not '{terminator}'. "
        )
    if date != timestamp[:8]:
        raise errors.InvalidSignature(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            f"HTTP: '{date}' != '{timestamp[:8]}', from '{timestamp}'."
        )
    return access_key_id


def check_signed_headers(
    signed: Collection[str], headers: Mapping[str, str], date_header: str
) -> None:
    """Raise InvalidSignature if a header that has to be signed is not among `signed`."""
    if "host" not in signed:
        raise errors.InvalidSignature(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    for name in headers:
        if (name[:6] == "x-amz-" or name == date_header) and name not in signed:
            raise errors.InvalidSignature(
                f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
            )

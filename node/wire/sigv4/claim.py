"""What a request claims about its signer, and every check that needs no secret.

Refuses, with AWS's error types and texts: a header or query string that cannot be read, a wrong
scope, a time that is too far off, and headers that should be signed and are not. What a
signature does not cover an attacker may change: so all `x-amz-*` headers must be covered,
`x-amz-target` (which names the operation) above all.

Source: IAM User Guide, "Create a signed AWS API request" and "Troubleshoot Signature Version 4".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from node.model import errors
from node.wire.messages import WireRequest
from node.wire.sigv4.authorization import Authorization, parse_authorization
from node.wire.sigv4.canonical import TERMINATOR
from node.wire.sigv4.presigned import CREDENTIAL_PARAMETER, is_presigned, parse_query
from node.wire.sigv4.timestamp import check_timestamp, read_timestamp
from node.wire.urlencoded import first

TOKEN_HEADER: Final = "x-amz-security-token"  # noqa: S105  the name of a header
_CREDENTIAL = re.compile("Credential=([^ ,]*)")
# IAM API Reference, AccessKey; what is not of this form is not looked up
_ACCESS_KEY_ID = re.compile("[A-Za-z0-9_]{1,128}")


class Scope(NamedTuple):
    """What a signature is good for."""

    region: str
    service: str


class Accepted(NamedTuple):
    """The signatures that are taken for one service: the regions of their scope, and how far their
    time may be off. Services that are global take the scope of the Region that they are run in.

    `user_sessions`: whether temporary credentials of users are taken, beside those of roles.
    """

    service: str
    regions: tuple[str, ...]
    skew_minutes: int = 5
    user_sessions: bool = True


@dataclass(init=False, repr=False, slots=True)
class Claim:
    """What the request says of its signer, read but not proved."""

    access_key_id: Final[str]
    timestamp: Final[str]  # 20260102T030405Z
    scope: Final[Scope]
    signed_headers: Final[str]  # host;x-amz-date;…, as it was sent
    signature: Final[str]
    token: Final[str]  # the session token, where there is one
    presigned: Final[bool]  # all this is in the query string

    def __init__(
        self,
        access_key_id: str,
        timestamp: str,
        scope: Scope,
        signed_headers: str,
        signature: str,
        token: str = "",
        *,
        presigned: bool = False,
    ) -> None:
        self.access_key_id = access_key_id
        self.timestamp = timestamp
        self.scope = scope
        self.signed_headers = signed_headers
        self.signature = signature
        self.token = token
        self.presigned = presigned

    @property
    def date(self) -> str:
        """The day of the scope: `20260102`."""
        return self.timestamp[:8]

    def __repr__(self) -> str:
        return f"Claim({self.access_key_id}, {self.timestamp}, {self.scope})"


def read_claim(request: WireRequest, accepted: Accepted, now: float) -> Claim:
    """The claim in `request`, fit to be checked against a secret.

    Raises MissingAuthenticationToken, IncompleteSignature, UnrecognizedClient or
    InvalidSignature.
    """
    headers = request.headers
    if request.query and "authorization" not in headers and is_presigned(request.query):
        return _read_presigned(request, accepted, now)
    authorization = parse_authorization(
        headers.get("authorization", ""), dated="x-amz-date" in headers or "date" in headers
    )
    timestamp, date_header = read_timestamp(headers)
    token = headers.get(TOKEN_HEADER, "")
    return _checked(authorization, timestamp, date_header, token, headers, accepted, now)


def service_claimed(request: WireRequest) -> str:
    """The service that a request says it is signed for; "" if it does not say. Nothing is checked:
    it tells which refusal is due.
    """
    credential = _CREDENTIAL.search(request.headers.get("authorization", ""))
    named = credential[1] if credential else first(request.query, CREDENTIAL_PARAMETER) or ""
    elements = named.split("/", 5)
    return elements[3] if len(elements) > 3 else ""  # keyid/date/region/service/…


def _read_presigned(request: WireRequest, accepted: Accepted, now: float) -> Claim:
    """X-Amz-Expires is not asked: AWS takes a signature for as long as its clocks may be off."""
    found = parse_query(request.query)
    token = request.headers.get(TOKEN_HEADER, found.token)
    return _checked(
        found.authorization,
        found.timestamp,
        "",
        token,
        request.headers,
        accepted,
        now,
        presigned=True,
    )


def _checked(
    authorization: Authorization,
    timestamp: str,
    date_header: str,
    token: str,
    headers: Mapping[str, str],
    accepted: Accepted,
    now: float,
    *,
    presigned: bool = False,
) -> Claim:
    access_key_id, scope = _check_scope(authorization.credential, accepted, timestamp)
    if _ACCESS_KEY_ID.fullmatch(access_key_id) is None:
        raise errors.UnrecognizedClient
    check_timestamp(timestamp, now, accepted.skew_minutes)
    check_signed_headers(authorization.signed_headers.split(";"), headers, date_header)
    return Claim(
        access_key_id,
        timestamp,
        scope,
        authorization.signed_headers,
        authorization.signature,
        token,
        presigned=presigned,
    )


def _check_scope(credential: str, accepted: Accepted, timestamp: str) -> tuple[str, Scope]:
    """The access key ID and scope of a credential that is good here, on the request's day."""
    elements = credential.split("/")
    if len(elements) != 5:
        raise errors.IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, "
            f"e.g. keyid/date/region/service/term, got '{credential}'"
        )
    access_key_id, date, region, service, terminator = elements
    if region not in accepted.regions:
        raise errors.InvalidSignature(
            f"Credential should be scoped to a valid region, not '{region}'. "
        )
    if service != accepted.service:
        raise errors.InvalidSignature(
            f"Credential should be scoped to correct service: '{accepted.service}'. "
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
    return access_key_id, Scope(region, service)


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

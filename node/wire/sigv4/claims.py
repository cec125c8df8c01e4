"""Reading the claims of one node's callers, most of which differ in time and signature alone.

A caller's Authorization header is the same all day but for its end. Once a signature is proved,
what was read and checked of that header is remembered under its text, so that strangers cannot
fill the memory. Everything that changes from request to request is checked each time.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.wire.messages import WireRequest
from node.wire.sigv4.claim import (
    TOKEN_HEADER,
    Accepted,
    Claim,
    Scope,
    check_signed_headers,
    read_claim,
)
from node.wire.sigv4.timestamp import check_skew, epoch_seconds


@dataclass(frozen=True, slots=True)
class _Known:
    """What an Authorization header says before its signature."""

    accepted: Accepted
    scope: Scope
    access_key_id: str
    date: str
    signed_headers: str
    names: tuple[str, ...]
    came: tuple[str, ...]  # the headers of a request of which all that must be signed were


class Claims:
    """Reads claims; remembers `capacity` of what was proved, the oldest give way."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._known: dict[str, _Known] = {}
        self._familiar: Claim | None = None  # the last that told nothing new, to know it again
        self._second: tuple[str, float] = ("", 0.0)  # the last timestamp, and what it means

    def __len__(self) -> int:
        return len(self._known)

    def read(self, request: WireRequest, accepted: Accepted, now: float) -> Claim:
        """As `read_claim`, and with the same refusals."""
        headers = request.headers
        head, _, signature = headers.get("authorization", "").rpartition("=")
        known = self._known.get(head)
        timestamp = headers.get("x-amz-date", "")
        if (
            known is None
            or known.accepted is not accepted
            or timestamp[:8] != known.date
            or not signature
            or " " in signature
            or "," in signature
        ):
            return read_claim(request, accepted, now)
        text, signed_at = self._second
        if text != timestamp:
            signed_at = epoch_seconds(timestamp)
            self._second = (timestamp, signed_at)
        check_skew(timestamp, signed_at, now, accepted.skew_minutes)
        usual = tuple(headers) == known.came
        if not usual:
            check_signed_headers(known.names, headers, "x-amz-date")
        token = headers.get(TOKEN_HEADER, "")
        claim = Claim(
            known.access_key_id, timestamp, known.scope, known.signed_headers, signature, token
        )
        if usual:
            self._familiar = claim
        return claim

    def proved(self, request: WireRequest, accepted: Accepted, claim: Claim) -> None:
        """Remember what `request`, whose signature was verified, has in common with others."""
        if claim is self._familiar:
            return
        head, _, signature = request.headers.get("authorization", "").rpartition("=")
        if signature != claim.signature:
            return
        if head not in self._known and len(self._known) >= self._capacity:
            del self._known[next(iter(self._known))]
        self._known[head] = _Known(
            accepted,
            claim.scope,
            claim.access_key_id,
            claim.date,
            claim.signed_headers,
            tuple(claim.signed_headers.split(";")),
            tuple(request.headers),
        )

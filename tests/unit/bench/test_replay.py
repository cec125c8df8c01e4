"""Requests signed beforehand: accepted by the node's own check of signatures, and only as sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.replay import LONGEST_CELL_SECONDS, replay_file, requests_of
from node.model.errors import InvalidSignature
from node.wire.messages import WireRequest
from node.wire.sigv4 import Accepted, SigningKeys, read_claim, verify
from tests.unit.bench.samples import CREDENTIAL, NOW, SCOPE, SIGNER

ACCEPTED = Accepted(SCOPE.service, (SCOPE.region,))
BODY = b'{"KeyId": "alias/one"}'


def received(raw: bytes) -> WireRequest:
    """A request as a server reads it off the wire (RFC 9112)."""
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    method, path, version = line.split(" ")
    assert version == "HTTP/1.1"
    headers = {name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)}
    assert int(headers["content-length"]) == len(body)
    return WireRequest(method, path, "", headers, body, "127.0.0.1")


def check(request: WireRequest, now: float) -> None:
    """As node/wire/protocol.py does. Raises InvalidSignature."""
    verify(request, read_claim(request, ACCEPTED, now), CREDENTIAL, SigningKeys(1))


@given(bodies=st.lists(st.binary(max_size=300), max_size=5))
def test_every_replayed_request_is_well_signed(bodies: list[bytes]) -> None:
    raw = SIGNER.replay("Decrypt", bodies, NOW)
    assert [received(each).body for each in raw] == bodies
    for each in raw:
        check(received(each), NOW)


def test_a_request_is_good_for_the_longest_cell_and_not_for_ever() -> None:
    (raw,) = SIGNER.replay("Encrypt", [BODY], NOW)
    check(received(raw), NOW + LONGEST_CELL_SECONDS)
    with pytest.raises(InvalidSignature, match="Signature expired"):
        check(received(raw), NOW + 301)


@pytest.mark.parametrize(
    "change",
    [(b"alias/one", b"alias/two"), (b".Encrypt", b".Decrypt"), (b":4601", b":4602")],
    ids=["body", "operation", "host"],
)
def test_a_changed_request_is_refused(change: tuple[bytes, bytes]) -> None:
    (raw,) = SIGNER.replay("Encrypt", [BODY], NOW)
    with pytest.raises(InvalidSignature, match="does not match"):
        check(received(raw.replace(*change)), NOW)


def test_a_replay_never_sends_two_equal_requests() -> None:
    raw = SIGNER.replay("Decrypt", [b"%d" % number for number in range(100)], NOW)
    signatures = {received(each).headers["authorization"] for each in raw}
    assert len(set(raw)) == len(signatures) == 100


@given(requests=st.lists(st.binary(), max_size=9))
def test_a_replay_file_gives_back_its_requests(requests: list[bytes]) -> None:
    assert requests_of(replay_file(requests)) == requests


def test_the_secret_is_not_in_what_is_sent() -> None:
    (raw,) = SIGNER.replay("Encrypt", [BODY], NOW)
    assert CREDENTIAL.secret.encode() not in raw

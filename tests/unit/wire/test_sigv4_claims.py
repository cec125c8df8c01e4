"""What is read with what is remembered is what is read without, and so are refusals."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from node.model import errors
from node.wire.messages import WireRequest
from node.wire.sigv4 import Accepted, Claim, Claims, Scope, read_claim, sign

NOW = 1_790_000_000.0
SCOPE = Scope("us-east-1", "kms")
ACCEPTED = Accepted("kms", ("us-east-1",))
HEADERS = {"host": "h", "x-amz-target": "TrentService.Encrypt", "user-agent": "a"}


def signed(
    access_key_id: str = "AKID", now: float = NOW, headers: Mapping[str, str] = HEADERS
) -> WireRequest:
    bare = WireRequest("POST", "/", "", headers, b"{}", "")
    return changed(bare, **sign(bare, access_key_id, "secret", SCOPE, now))


def changed(request: WireRequest, **headers: str | None) -> WireRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in {**request.headers, **named}.items() if value}
    return WireRequest("POST", "/", "", kept, b"{}", "")


def knowing(*requests: WireRequest, capacity: int = 8) -> Claims:
    claims = Claims(capacity)
    for request in requests:
        claims.proved(request, ACCEPTED, read_claim(request, ACCEPTED, NOW))
    return claims


def outcome(read: object) -> object:
    try:
        return read()  # type: ignore[operator]
    except errors.KmsError as error:
        return type(error), error.message


def same_as_without(
    claims: Claims, request: WireRequest, now: float, accepted: Accepted = ACCEPTED
) -> object:
    found = outcome(lambda: claims.read(request, accepted, now))
    assert found == outcome(lambda: read_claim(request, accepted, now))
    return found


def test_what_is_known_is_read_alike() -> None:
    claims = knowing(signed())
    for seconds in (0, 1, 1, -300, 300):
        found = same_as_without(claims, signed(now=NOW + seconds), NOW)
        assert isinstance(found, Claim)


def test_what_is_known_is_refused_alike() -> None:
    request = signed()
    claims = knowing(request)
    authorization = request.headers["authorization"]
    refused = [
        signed(now=NOW - 301),
        signed(now=NOW + 301),
        signed(now=NOW + 86_400),  # of another day
        changed(request, x_amz_date=None),
        changed(request, x_amz_date="20260921T146199Z"),
        changed(request, x_amz_date=request.headers["x-amz-date"] + "0"),
        changed(request, x_amz_more="not signed"),
        changed(request, x_amz_security_token="token"),
        changed(request, authorization=None),
        changed(request, authorization=authorization + ", More"),
        changed(request, authorization=authorization.rpartition("=")[0] + "="),
        changed(request, authorization=authorization.replace("AKID", "AK/ID")),
    ]
    for each in refused:
        assert not isinstance(same_as_without(claims, each, NOW), Claim)


def test_what_is_known_in_one_scope_is_not_known_in_another() -> None:
    claims = knowing(signed())
    for other in (Accepted("kms", ("eu-west-1",)), Accepted("sts", ("us-east-1",))):
        assert not isinstance(same_as_without(claims, signed(), NOW, other), Claim)


@given(
    st.sampled_from(["authorization", "x-amz-date", "host", "x-amz-target", "date", "x-amz-z"]),
    st.integers(0, 300),
    st.integers(0, 3),
    st.text(max_size=3),
)
def test_damage_is_judged_alike(name: str, at: int, gone: int, put: str) -> None:
    request = signed()
    value = request.headers.get(name, "")
    damaged = value[:at] + put + value[at + gone :]
    same_as_without(knowing(request), changed(request, **{name: damaged}), NOW)


def test_only_what_was_proved_is_remembered_and_not_without_end() -> None:
    claims = Claims(3)
    for number in range(10):
        claims.read(signed(f"AKID{number}"), ACCEPTED, NOW)
    assert len(claims) == 0
    for number in range(10):
        request = signed(f"AKID{number}")
        claims.proved(request, ACCEPTED, claims.read(request, ACCEPTED, NOW))
        claims.proved(request, ACCEPTED, claims.read(request, ACCEPTED, NOW))
        assert len(claims) == min(number + 1, 3)


def test_with_other_headers_all_is_checked_again() -> None:
    """An attacker may add headers to a request whose Authorization header is known."""
    request = signed()
    claims = knowing(request)
    more = changed(request, accept="a")
    familiar = claims.read(request, ACCEPTED, NOW)
    assert same_as_without(claims, more, NOW) == familiar
    claims.proved(more, ACCEPTED, claims.read(more, ACCEPTED, NOW))
    assert len(claims) == 1
    for each in (request, more):
        assert same_as_without(claims, each, NOW) == familiar
        assert not isinstance(same_as_without(claims, changed(each, x_amz_more="1"), NOW), Claim)

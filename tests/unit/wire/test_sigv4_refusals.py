"""What is refused before a secret is looked at, in AWS's words; and the cache of signing keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.model import errors
from node.wire.messages import WireRequest
from node.wire.sigv4 import Claim, Scope, SigningKeys, read_claim, sign, verify
from node.wire.sigv4.canonical import derive_signing_key
from tests.wire.support import ACCEPTED, CREDENTIAL, SCOPE, signed_request

NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z
STAMP = "20260921T141320Z"
GOOD = signed_request("TrentService.Encrypt", b"{}", now=NOW)
DIGEST = "(hashed with SHA-256 and encoded with Base64)"


def claim(headers: dict[str, str | None], now: float = NOW) -> Claim:
    """The claim of the good request with some headers replaced, or gone where None."""
    merged = {**GOOD.headers, **headers}
    kept = {name: value for name, value in merged.items() if value is not None}
    return read_claim(WireRequest("POST", "/", "", kept, b"{}", ""), ACCEPTED, now)


def authorization(
    credential: str = f"AKID/20260921/{SCOPE.region}/kms/aws4_request",
    signed: str = "host;x-amz-date;x-amz-target",
) -> dict[str, str | None]:
    header = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature=00"
    return {"authorization": header, "x-amz-date": STAMP}


def test_the_good_one_is_read() -> None:
    assert claim({}) == Claim(
        CREDENTIAL.access_key_id,
        STAMP,
        SCOPE,
        "content-type;host;x-amz-date;x-amz-target",
        GOOD.headers["authorization"][-64:],
    )


@pytest.mark.parametrize("spacing", [",", ", ", "  ,  ", " "])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_parameters_in_any_order_and_spacing_are_read(spacing: str, order: tuple[int, ...]) -> None:
    algorithm, *parameters = GOOD.headers["authorization"].replace(",", "").split()
    header = f"{algorithm} {spacing.join(parameters[place] for place in order)}"
    assert claim({"authorization": header}) == claim({})


MISSING = {
    "no signature": None,
    "an empty one": "",
    "basic authentication": "Basic YWxpY2U6c2VjcmV0",
    "a bearer token": "Bearer abc",
    "the signature of 2006": "AWS AKID:c2lnbmF0dXJl",
    "another case": "aws4-hmac-sha256 Credential=a",
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_not_signed_is_told_so(name: str) -> None:
    with pytest.raises(errors.MissingAuthenticationToken) as caught:
        claim({"authorization": MISSING[name]})
    assert caught.value.message == "Missing Authentication Token"


INCOMPLETE: dict[str, tuple[dict[str, str | None], str]] = {
    "another algorithm": (
        {"authorization": "AWS4-ECDSA-P256-SHA256 Credential=a"},
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
    ),
    "nothing but the algorithm": (
        {"authorization": "AWS4-HMAC-SHA256", "x-amz-date": None},
        "Authorization header requires 'Credential' parameter. Authorization header requires "
        "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        "(Hashed with SHA-256 and encoded with Base64) Authorization=",
    ),
    "no date": (
        {"x-amz-date": None},
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        "(Hashed with SHA-256 and encoded with Base64) Authorization=",
    ),
    "a blank inside": (
        {"authorization": "AWS4-HMAC-SHA256 Credential= AKID/x, SignedHeaders=host, Signature=0"},
        f"Invalid key=value pair (missing equal-sign) in Authorization header {DIGEST}: '",
    ),
    "two headers": (
        {"authorization": f"{GOOD.headers['authorization']},{GOOD.headers['authorization']}"},
        f"Invalid key=value pair (missing equal-sign) in Authorization header {DIGEST}: '",
    ),
    "a credential without a scope": (
        authorization("AKID"),
        "Credential must have exactly 5 slash-delimited elements, "
        "e.g. keyid/date/region/service/term, got 'AKID'",
    ),
    "a date of another form": (
        {**authorization("AKID/2026-09-/us-east-1/kms/aws4_request"), "x-amz-date": "2026-09-21"},
        "Date must be in ISO-8601 'basic format'. Got '2026-09-21'. "
        "See http://en.wikipedia.org/wiki/ISO_8601",
    ),
    "a date that is none": (
        {
            **authorization("AKID/20261321/us-east-1/kms/aws4_request"),
            "x-amz-date": "20261321T000000Z",
        },
        "Date must be in ISO-8601 'basic format'. Got '20261321T000000Z'. "
        "See http://en.wikipedia.org/wiki/ISO_8601",
    ),
    "an HTTP date that is none": (
        {"x-amz-date": None, "date": "Mon, 99 Foo 2026"},
        "Date must be in ISO-8601 'basic format'. Got 'Mon, 99 Foo 2026'. "
        "See http://en.wikipedia.org/wiki/ISO_8601",
    ),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_what_cannot_be_read_is_named(name: str) -> None:
    headers, message = INCOMPLETE[name]
    with pytest.raises(errors.IncompleteSignature) as caught:
        claim(headers)
    assert caught.value.message.startswith(message)
    assert "SignedHeaders=" not in caught.value.message  # the header itself is not quoted


INVALID: dict[str, tuple[dict[str, str | None], str]] = {
    "another region": (
        authorization("AKID/20260921/eu-west-1/kms/aws4_request"),
        "Credential should be scoped to a valid region, not 'eu-west-1'. ",
    ),
    "another service": (
        authorization("AKID/20260921/us-east-1/s3/aws4_request"),
        "Credential should be scoped to correct service: 'kms'. ",
    ),
    "another terminator": (
        authorization("AKID/20260921/us-east-1/kms/aws5_request"),
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
    ),
    "another day": (
        authorization("AKID/20260920/us-east-1/kms/aws4_request"),
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        f"HTTP: '20260920' != '20260921', from '{STAMP}'.",
    ),
    "no host among the signed": (
        authorization(signed="x-amz-date;x-amz-target"),
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    "no date among the signed": (
        authorization(signed="host;x-amz-target"),
        "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    "no target among the signed": (
        authorization(signed="host;x-amz-date"),
        "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    "a name that only begins like the target's": (
        authorization(signed="host;x-amz-date;x-amz-target2"),
        "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    "an HTTP date that is not signed": (
        {**authorization(), "x-amz-date": None, "date": "Mon, 21 Sep 2026 14:13:20 GMT"},
        "'date' must be a 'SignedHeader' in the AWS Authorization.",
    ),
}


@pytest.mark.parametrize("name", INVALID)
def test_what_proves_nothing_here_is_named(name: str) -> None:
    headers, message = INVALID[name]
    with pytest.raises(errors.InvalidSignature) as caught:
        claim(headers)
    assert caught.value.message == message


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_five_minutes_on_either_side_are_let_through(off: float) -> None:
    claim({}, NOW + off)


def test_an_old_signature_has_expired() -> None:
    with pytest.raises(errors.InvalidSignature) as caught:
        claim({}, NOW + 301)
    assert caught.value.message == (
        "Signature expired: 20260921T141320Z is now earlier than 20260921T141321Z "
        "(20260921T141821Z - 5 min.)"
    )


def test_an_early_signature_is_not_yet_current() -> None:
    with pytest.raises(errors.InvalidSignature) as caught:
        claim({}, NOW - 301)
    assert caught.value.message == (
        "Signature not yet current: 20260921T141320Z is still later than 20260921T141319Z "
        "(20260921T140819Z + 5 min.)"
    )


def test_a_session_token_has_to_be_signed() -> None:
    with pytest.raises(errors.InvalidSignature) as caught:
        claim({"x-amz-security-token": "FwoGZXIvYXdzE"})
    assert caught.value.message == (
        "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization."
    )


def test_a_session_token_is_read_and_not_shown() -> None:
    request = signed_request(
        "TrentService.Encrypt", b"{}", now=NOW, extra={"x-amz-security-token": "FwoGZXIvYXdzE"}
    )
    read = read_claim(request, ACCEPTED, NOW)
    assert read.token == "FwoGZXIvYXdzE"
    assert "FwoGZXIvYXdzE" not in repr(read)


@pytest.mark.parametrize("access_key_id", ["", "A KID", "AKID'--", "\udcff", "é", "A" * 129])
def test_what_is_no_access_key_id_is_not_looked_up(access_key_id: str) -> None:
    header = (
        f"AWS4-HMAC-SHA256 Credential={access_key_id}/20260921/us-east-1/kms/aws4_request, "
        "SignedHeaders=host;x-amz-date;x-amz-target, Signature=00"
    )
    with pytest.raises((errors.UnrecognizedClient, errors.IncompleteSignature)):
        claim({"authorization": header})


@pytest.mark.parametrize(
    "date",
    [
        STAMP,
        "Mon, 21 Sep 2026 14:13:20 GMT",
        "Mon, 21 Sep 2026 16:13:20 +0200",
        "21 Sep 2026 14:13:20 -0000",
    ],
)
def test_the_date_header_will_do(date: str) -> None:
    names = "content-type;date;host;x-amz-target"
    header = GOOD.headers["authorization"].replace(
        "content-type;host;x-amz-date;x-amz-target", names
    )
    read = claim({"x-amz-date": None, "date": date, "authorization": header})
    assert read.timestamp == STAMP


@given(st.text(), st.text(), st.text())
def test_no_headers_break_the_reading(header: str, x_amz_date: str, date: str) -> None:
    for authorization_header in (header, f"AWS4-HMAC-SHA256 {header}"):
        for dates in ({"x-amz-date": x_amz_date}, {"date": date}, {}):
            request = WireRequest(
                "POST", "/", "", {"authorization": authorization_header, **dates}, b"", ""
            )
            with pytest.raises(errors.KmsError):
                read_claim(request, ACCEPTED, NOW)


@given(st.text(max_size=40))
def test_no_date_breaks_the_reading(date: str) -> None:
    try:
        claim({"x-amz-date": None, "date": date})
    except (errors.IncompleteSignature, errors.InvalidSignature):
        return
    pytest.fail("a date that was not signed was let through")


# The payload hash that a request declares


def declared(digest: str) -> WireRequest:
    return signed_request(
        "TrentService.Encrypt", b"{}", now=NOW, extra={"x-amz-content-sha256": digest}
    )


def test_a_right_payload_hash_is_let_through() -> None:
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of "{}"
    request = declared(digest)
    verify(request, read_claim(request, ACCEPTED, NOW), CREDENTIAL, SigningKeys(8))


@pytest.mark.parametrize("digest", ["UNSIGNED-PAYLOAD", "0" * 64, ""])
def test_any_other_payload_hash_is_refused(digest: str) -> None:
    request = declared(digest)
    with pytest.raises(errors.InvalidSignature, match="x-amz-content-sha256"):
        verify(request, read_claim(request, ACCEPTED, NOW), CREDENTIAL, SigningKeys(8))


# The cache of signing keys


def test_a_signing_key_is_the_derived_one_also_the_second_time() -> None:
    keys = SigningKeys(8)
    derived = derive_signing_key("secret", "20260921", "us-east-1", "kms")
    for _ in range(2):
        assert keys.signing_key("AKID", "secret", "20260921", "us-east-1", "kms") == derived
    assert len(keys) == 1


def test_another_secret_of_the_same_access_key_is_derived_anew() -> None:
    keys = SigningKeys(8)
    first = keys.signing_key("AKID", "secret", "20260921", "us-east-1", "kms")
    second = keys.signing_key("AKID", "rotated", "20260921", "us-east-1", "kms")
    assert first != second
    assert len(keys) == 1


@given(st.lists(st.sampled_from("abcdef"), max_size=30))
def test_the_cache_is_bounded_and_never_wrong(access_keys: list[str]) -> None:
    keys = SigningKeys(3)
    for access_key_id in access_keys:
        key = keys.signing_key(access_key_id, access_key_id * 2, "20260921", "r", "kms")
        assert key == derive_signing_key(access_key_id * 2, "20260921", "r", "kms")
        assert len(keys) <= 3


def test_each_part_of_the_scope_makes_another_key() -> None:
    keys = SigningKeys(8)
    scopes = [("20260921", Scope("a", "kms")), ("20260922", Scope("a", "kms"))]
    scopes += [("20260921", Scope("b", "kms")), ("20260921", Scope("a", "ksm"))]
    found = {keys.signing_key("AKID", "s", date, *scope) for date, scope in scopes}
    assert len(found) == 4


def test_signing_does_not_change_the_request() -> None:
    request = WireRequest("POST", "/", "", {"host": "h"}, b"", "")
    sign(request, "AKID", "secret", SCOPE, NOW)
    assert request.headers == {"host": "h"}

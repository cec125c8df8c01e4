"""Session tokens: what was sealed opens, everywhere; nothing else does."""

from __future__ import annotations

import base64
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.encoding import binding
from crypto.sealing import RootKey, RootKeyRing
from node.model.errors import UnrecognizedClient
from node.model.principal import Tags
from node.sessions.content import Content, packed, packed_percentage, with_issuer_tags
from node.sessions.tokens import opened_token, sealed_token

OLD_RING = RootKeyRing([RootKey(bytes(range(32)))])
OLD_TOKEN = (
    "Af9jA1xRx8qzW9NKBZ1esbg4tOZS5E2n8jcNniYOJxNlUKSjptB/XAwzL4sSQcSLhReu4N9T03xjfBBK7k7e+877"
    "DuTwp3xMbmBSOpY/z3PyflebAIIn5HGrQ3zLAou4I2YLXNeAPxEv784jCta79yNyk3YIjzk9JvuDBE9mnpyuZKES"
    "ltoeZyI3RZ4+J8iHrg+2d8Vkxwo449kynRgDCeznBEEmLobxXlcCkkB7XpDK7UEi3tt3ZkDuIhuvE4GUGW9IctSj"
    "u1CMPULTIibU+p7xlawF+NdAKVhJlgSTAMZ6pdV4yKVziD9P5y/TtC/392PDC2EFzb1yFYFtx8UKBQx8bbQlMwmT"
    "K8oJ+hT1I38rSpDBZom0mh9YYRvLvS6ExaRPoI9r7VMvGvGi+ywUA9WOvnbikqlU3VKQKEBGbuzKvzktW4SYOSau"
    "gIw="
)
RANDOM = Random(1)
RING = RootKeyRing([RootKey.generate(RANDOM.randbytes)])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TAGS = st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple)
POLICIES = st.none() | TEXT


def content(
    policy: str | None = None, tags: Tags = (), transitive: tuple[str, ...] = ()
) -> Content:
    return Content(
        access_key_id="ASIAEXAMPLEEXAMPLE00",
        secret="a secret of forty characters, or so it is",
        account="111122223333",
        arn="arn:aws:sts::111122223333:assumed-role/role/name",
        principal_id="AROAEXAMPLEEXAMPLE000:name",
        kind="AssumedRole",
        issuer="arn:aws:iam::111122223333:role/role",
        issued=1_790_000_000.25,
        expires=1_790_003_600.0,
        source_identity="alice",
        packed=packed(policy, tags, transitive),
    )


@given(POLICIES, TAGS, st.lists(TEXT, max_size=3).map(tuple))
def test_what_was_sealed_opens(policy: str | None, tags: Tags, transitive: tuple[str, ...]) -> None:
    made = content(policy, tags, transitive)
    token = sealed_token(made, RING, RANDOM.randbytes)
    opened = opened_token(token, made.access_key_id, RING)
    assert opened == made
    credential = opened.credential(())
    principal = credential.principal
    assert (credential.access_key_id, credential.secret) == (made.access_key_id, made.secret)
    assert (principal.arn, principal.tags) == (made.arn, tags)
    session = principal.session
    assert session is not None
    assert (session.issuer, session.issued) == (made.issuer, made.issued)
    assert session.policy == policy
    assert session.source_identity == "alice"
    if policy is not None or tags:
        assert session.transitive_tag_keys == transitive


@given(st.data())
def test_any_other_bytes_do_not_open(data: st.DataObject) -> None:
    made = content()
    token = bytearray(base64.b64decode(sealed_token(made, RING, RANDOM.randbytes)))
    at = data.draw(st.integers(0, 8 * len(token) - 1))
    token[at // 8] ^= 1 << at % 8
    with pytest.raises(UnrecognizedClient):
        opened_token(base64.b64encode(token).decode(), made.access_key_id, RING)


@given(
    st.text(max_size=60) | st.binary(max_size=90).map(lambda raw: base64.b64encode(raw).decode())
)
def test_any_other_text_does_not_open(token: str) -> None:
    with pytest.raises(UnrecognizedClient):
        opened_token(token, "ASIAEXAMPLEEXAMPLE00", RING)


def test_it_opens_for_its_own_access_key_and_under_its_own_key_alone() -> None:
    made = content()
    token = sealed_token(made, RING, RANDOM.randbytes)
    with pytest.raises(UnrecognizedClient):
        opened_token(token, "ASIAOTHEROTHEROTHER0", RING)
    with pytest.raises(UnrecognizedClient):
        opened_token(token, made.access_key_id, RootKeyRing([RootKey.generate(RANDOM.randbytes)]))


def test_what_was_sealed_for_another_purpose_does_not_open() -> None:
    sealed = RING.seal(b"\x90", binding("keyspan grant token", "us-east-1"), RANDOM.randbytes)
    with pytest.raises(UnrecognizedClient):
        opened_token(base64.b64encode(sealed).decode(), "ASIAEXAMPLEEXAMPLE00", RING)


def test_two_tokens_are_never_alike() -> None:
    made = content()
    assert sealed_token(made, RING, RANDOM.randbytes) != sealed_token(made, RING, RANDOM.randbytes)


def test_a_content_does_not_show_its_secret() -> None:
    assert "forty characters" not in repr(content())


def test_the_largest_session_fits_into_a_header() -> None:
    noise = RANDOM.randbytes(3000).hex()
    held = packed(noise, (), ())
    while packed_percentage(held) <= 100:
        noise += RANDOM.randbytes(50).hex()
        held = packed(noise, (), ())
    fitting = packed(noise[:-100], (), ())
    assert packed_percentage(fitting) <= 100
    longest = Content(
        access_key_id="ASIAEXAMPLEEXAMPLE00",
        secret="s" * 40,
        account="111122223333",
        arn="a" * 200,
        principal_id="p" * 100,
        kind="AssumedRole",
        issuer="i" * 600,
        issued=1.5,
        expires=2.5,
        source_identity="s" * 64,
        packed=fitting,
    )
    assert len(sealed_token(longest, RING, RANDOM.randbytes)) < 8 * 1024 - 64


def test_a_tag_of_the_session_goes_before_the_roles() -> None:
    assert with_issuer_tags((("Team", "red"), ("a", "1")), (("team", "blue"),)) == (
        ("a", "1"),
        ("team", "blue"),
    )


def test_a_token_that_was_made_before_opens() -> None:
    """As regions of different versions have to read each other's (docs/formats.md)."""
    policy, tags, transitive = '{"Statement":[]}', (("team", "blue"),), ("team",)
    opened = opened_token(OLD_TOKEN, "ASIAEXAMPLEEXAMPLE00", OLD_RING)
    made = content(policy, tags, transitive)
    assert opened.credential(()) == made.credential(())
    assert (opened.issuer, opened.expires) == (made.issuer, made.expires)

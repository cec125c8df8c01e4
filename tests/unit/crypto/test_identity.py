"""A region's identity: its signatures hold for one purpose, its seals open in one place."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crypto.errors import InvalidSignature, SealError
from crypto.identity import (
    LONGEST,
    LONGEST_MATERIALS,
    MATERIALS_LIMIT,
    SECRET_LIMIT,
    PublicIdentity,
    RegionIdentity,
)
from crypto.material import KeyMaterial
from crypto.xwing import seal as hpke_seal
from tests.unit.crypto.strategies import bit_flips, key_ids, secrets, seeded
from tests.vectors import reference
from tests.vectors.loading import says_nothing

EAST = RegionIdentity.generate("us-east-1", seeded(1))
WEST = RegionIdentity.generate("eu-west-1", seeded(2))
MATERIAL = KeyMaterial.generate("mrk-" + "5" * 32, seeded(3))
OTHER = KeyMaterial.generate(MATERIAL.key_id, seeded(4))


def _not_verified(purpose: bytes, message: bytes, signature: bytes) -> bool:
    try:
        EAST.public.verify(purpose, message, signature)
    except InvalidSignature as error:
        return says_nothing(error)
    return False


def _refused(sealed: bytes, info: bytes) -> bool:
    try:
        EAST.open(sealed, info)
    except SealError as error:
        return says_nothing(error)
    return False


def _bound(material: KeyMaterial) -> bytes:
    return reference.materials_info("us-east-1", material.key_id, [material.material_id], b"info")


def _material_refused(secrets: bytes) -> bool:
    """Whether this, sealed for one material, does not open as that."""
    sealed = b"\x01" + hpke_seal(EAST.public.sealing_key, secrets, _bound(MATERIAL))
    try:
        EAST.open_materials(sealed, MATERIAL.key_id, [MATERIAL.material_id], b"info")
    except SealError as error:
        return says_nothing(error)
    return False


@settings(deadline=None)
@given(st.binary(max_size=30), st.binary(max_size=100))
def test_a_signature_verifies(purpose: bytes, message: bytes) -> None:
    EAST.public.verify(purpose, message, EAST.sign(purpose, message))


@settings(deadline=None)
@given(*[st.binary(max_size=8)] * 4)
def test_a_signature_is_for_its_purpose_and_message_alone(
    purpose: bytes, message: bytes, other_purpose: bytes, other_message: bytes
) -> None:
    same = (purpose, message) == (other_purpose, other_message)
    assert _not_verified(other_purpose, other_message, EAST.sign(purpose, message)) != same


def test_every_flipped_bit_of_a_signature_is_refused() -> None:
    signature = EAST.sign(b"entry", b"message")
    flips = bit_flips(signature)
    assert all(_not_verified(b"entry", b"message", flipped) for flipped in flips)


@given(st.binary(max_size=100))
def test_random_bytes_are_no_signature(signature: bytes) -> None:
    assert _not_verified(b"entry", b"message", signature)


def test_another_region_with_the_same_keys_does_not_verify() -> None:
    keys = EAST.public.signing_key, EAST.public.sealing_key
    with pytest.raises(InvalidSignature):
        PublicIdentity("eu-west-1", *keys).verify(b"entry", b"m", EAST.sign(b"entry", b"m"))


def test_another_region_does_not_verify() -> None:
    assert _not_verified(b"entry", b"message", WEST.sign(b"entry", b"message"))


@settings(deadline=None, max_examples=30)
@given(st.binary(min_size=1, max_size=200), st.binary(max_size=50))
def test_round_trip(secret: bytes, info: bytes) -> None:
    assert EAST.open(EAST.public.seal(secret, info), info) == secret


@settings(deadline=None, max_examples=30)
@given(key_ids, st.lists(secrets, max_size=4), st.binary(max_size=50), st.binary(max_size=50))
def test_materials_round_trip(
    key_id: str, several: list[bytes], beside: bytes, info: bytes
) -> None:
    assume(several or beside)
    held = [KeyMaterial.of(key_id, each) for each in several]
    sealed = EAST.public.seal_materials(key_id, held, beside, info)
    ids = [each.material_id for each in held]
    assert EAST.open_materials(sealed, key_id, ids, info) == (held, beside)


@settings(deadline=None, max_examples=20)
@given(st.binary(min_size=1, max_size=100), st.binary(max_size=50))
def test_second_implementation_opens_what_is_sealed(secret: bytes, info: bytes) -> None:
    sealing_seed = seeded(1)(64)[32:]
    bound = reference.secret_info("us-east-1", info)
    assert reference.open_to_region(sealing_seed, EAST.public.seal(secret, info), bound) == secret


def test_every_flipped_bit_of_a_seal_is_refused() -> None:
    sealed = EAST.public.seal(b"secret", b"info")
    assert all(_refused(flipped, b"info") for flipped in bit_flips(sealed))


def test_every_truncation_of_a_seal_is_refused() -> None:
    sealed = EAST.public.seal(b"secret", b"info")
    assert all(_refused(sealed[:size], b"info") for size in range(len(sealed)))


@given(st.binary(max_size=100) | st.binary(min_size=1138, max_size=1300))
def test_random_bytes_do_not_open(sealed: bytes) -> None:
    assert _refused(sealed, b"")


def test_another_receiver_does_not_open() -> None:
    assert _refused(WEST.public.seal(b"secret", b"info"), b"info")


def test_other_info_does_not_open() -> None:
    assert _refused(EAST.public.seal(b"secret", b"info"), b"other")


def test_material_is_not_opened_as_a_secret() -> None:
    sealed = EAST.public.seal_materials(MATERIAL.key_id, [MATERIAL], b"", b"info")
    assert _refused(sealed, b"info")
    assert _refused(sealed, _bound(MATERIAL))


def test_materials_are_opened_with_the_ids_they_were_sealed_with_and_no_others() -> None:
    sealed = EAST.public.seal_materials(MATERIAL.key_id, [MATERIAL, OTHER], b"beside", b"info")
    one, other = MATERIAL.material_id, OTHER.material_id
    for ids in ([], [one], [other, one], [one, one], [one, other, one]):
        with pytest.raises(SealError):
            EAST.open_materials(sealed, MATERIAL.key_id, ids, b"info")
    assert EAST.open_materials(sealed, MATERIAL.key_id, [one, other], b"info")[1] == b"beside"


def test_material_that_is_not_what_the_id_names_is_refused() -> None:
    for secret in (bytes(32), bytes(31), bytes(33)):
        assert _material_refused(len(secret).to_bytes(4, "big") + secret)


def test_material_that_is_cut_short_is_refused() -> None:
    whole = (32).to_bytes(4, "big") + MATERIAL.reveal()
    assert all(_material_refused(whole[:size]) for size in range(1, len(whole)))


def test_material_of_a_malformed_key_id_is_a_seal_error() -> None:
    sealed = EAST.public.seal_materials("no key ID", [MATERIAL], b"", b"")
    with pytest.raises(SealError):
        EAST.open_materials(sealed, "no key ID", [MATERIAL.material_id], b"")


def test_nothing_at_all_is_not_sealed_as_materials() -> None:
    with pytest.raises(ValueError, match="a secret of 0 bytes"):
        EAST.public.seal_materials(MATERIAL.key_id, [], b"", b"info")


def test_the_longest_materials_open_and_one_byte_more_does_not() -> None:
    key_id, longest = MATERIAL.key_id, bytes(MATERIALS_LIMIT)
    sealed = EAST.public.seal_materials(key_id, [], longest, b"")
    assert len(sealed) == LONGEST_MATERIALS
    assert EAST.open_materials(sealed, key_id, [], b"") == ([], longest)
    with pytest.raises(ValueError, match="cannot be sealed"):
        EAST.public.seal_materials(key_id, [], longest + b"x", b"")
    info = reference.materials_info("us-east-1", key_id, [], b"")
    longer = b"\x01" + hpke_seal(EAST.public.sealing_key, longest + b"x", info)
    with pytest.raises(SealError):
        EAST.open_materials(longer, key_id, [], b"")


@pytest.mark.parametrize("size", [0, SECRET_LIMIT + 1])
def test_a_secret_of_another_size_is_not_sealed(size: int) -> None:
    with pytest.raises(ValueError, match=f"a secret of {size} bytes"):
        EAST.public.seal(bytes(size), b"")


def test_the_longest_secret_opens_and_one_byte_more_does_not() -> None:
    longest = EAST.public.seal(bytes(SECRET_LIMIT), b"")
    assert len(longest) == LONGEST
    assert EAST.open(longest, b"") == bytes(SECRET_LIMIT)
    info = reference.secret_info("us-east-1", b"")
    longer = b"\x01" + hpke_seal(EAST.public.sealing_key, bytes(SECRET_LIMIT + 1), info)
    assert _refused(longer, b"")


def test_a_public_key_of_low_order_is_not_sealed_to() -> None:
    sealing_key = EAST.public.sealing_key[:1184] + bytes(32)
    weak = PublicIdentity("us-east-1", EAST.public.signing_key, sealing_key)
    with pytest.raises(ValueError, match="shared key"):
        weak.seal(b"secret", b"")


def test_two_seals_of_one_secret_share_nothing() -> None:
    one, other = (EAST.public.seal(b"secret" * 4, b"") for _ in range(2))
    assert one[1:33] != other[1:33]
    assert one[1121:] != other[1121:]


def test_a_fingerprint_is_of_region_and_both_keys() -> None:
    east, west = EAST.public, WEST.public
    others = [
        PublicIdentity("eu-west-1", east.signing_key, east.sealing_key),
        PublicIdentity("us-east-1", west.signing_key, east.sealing_key),
        PublicIdentity("us-east-1", east.signing_key, west.sealing_key),
    ]
    assert len({each.fingerprint for each in [east, west, *others]}) == 5


def test_an_identity_file_reads_back() -> None:
    again = RegionIdentity.decode(EAST.encode())
    assert again.public == EAST.public
    assert again.open(EAST.public.seal(b"secret", b""), b"") == b"secret"


@pytest.mark.parametrize("region", ["", "US-EAST-1", "us east", "us-east-1\n", "é", "a" * 65, "-"])
def test_an_identity_needs_a_region(region: str) -> None:
    with pytest.raises(ValueError, match="region"):
        RegionIdentity.generate(region, seeded())


@given(st.text(max_size=300))
def test_other_text_is_no_identity_file(text: str) -> None:
    with pytest.raises(SealError, match="keyspan identity v1"):
        RegionIdentity.decode(text)


@settings(deadline=None)
@given(st.integers(0), st.characters())
def test_an_identity_file_with_one_other_character_is_refused(place: int, other: str) -> None:
    text = EAST.encode()
    place %= len(text)
    changed = text[:place] + other + text[place + 1 :]
    if changed in (text, text[:-1]):
        return
    with pytest.raises(SealError):
        RegionIdentity.decode(changed)

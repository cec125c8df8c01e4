"""Sealing at rest: the newest root key seals, every key of the ring opens, nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.encoding import binding
from crypto.errors import SealError
from crypto.material import KeyMaterial
from crypto.sealing import LONGEST, SECRET_LIMIT, RootKey, RootKeyRing, sealed_under
from tests.unit.crypto.strategies import bit_flips, materials, secrets, seeded
from tests.vectors import reference
from tests.vectors.loading import says_nothing

OLD, NEW = RootKey.generate(seeded(1)), RootKey.generate(seeded(2))
RING = RootKeyRing([NEW, OLD])
SECRET_LABEL = b"keyspan/1 one-time key of a sealed secret"


def _refused(ring: RootKeyRing, sealed: bytes, bound: bytes) -> bool:
    try:
        ring.open(sealed, bound)
    except SealError as error:
        return says_nothing(error)
    return False


@given(st.binary(min_size=1, max_size=200), st.binary(max_size=50))
def test_round_trip(secret: bytes, bound: bytes) -> None:
    assert RING.open(RING.seal(secret, bound, seeded()), bound) == secret


@given(materials)
def test_material_round_trip(material: KeyMaterial) -> None:
    sealed = RING.seal_material(material, "us-east-1", seeded())
    opened = RING.open_material(sealed, material.key_id, material.material_id, "us-east-1")
    assert opened == material


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_what_is_bound_cannot_be_changed(bound: bytes, other: bytes) -> None:
    assert _refused(RING, RING.seal(b"secret", bound, seeded()), other) == (bound != other)


def test_the_newest_root_key_seals() -> None:
    assert sealed_under(RING.seal(b"secret", b"", seeded())) == NEW.root_key_id


def test_an_older_root_key_still_opens() -> None:
    sealed = RootKeyRing([OLD]).seal(b"secret", b"", seeded())
    assert RING.open(sealed, b"") == b"secret"
    assert sealed_under(sealed) == OLD.root_key_id


def test_a_root_key_that_left_the_ring_opens_nothing() -> None:
    assert _refused(RootKeyRing([NEW]), RootKeyRing([OLD]).seal(b"secret", b"", seeded()), b"")


def test_every_flipped_bit_is_refused() -> None:
    sealed = RING.seal(b"secret", b"bound", seeded())
    assert all(_refused(RING, flipped, b"bound") for flipped in bit_flips(sealed))


def test_every_truncation_is_refused() -> None:
    sealed = RING.seal(b"secret", b"bound", seeded())
    assert all(_refused(RING, sealed[:size], b"bound") for size in range(len(sealed)))


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(sealed: bytes) -> None:
    assert _refused(RING, sealed, b"")


@pytest.mark.parametrize("size", [0, SECRET_LIMIT + 1])
def test_a_secret_of_another_size_is_not_sealed(size: int) -> None:
    with pytest.raises(ValueError, match=f"a secret of {size} bytes"):
        RING.seal(bytes(size), b"", seeded())


def test_the_longest_secret_opens_and_one_byte_more_does_not() -> None:
    longest = RING.seal(bytes(SECRET_LIMIT), b"", seeded())
    assert len(longest) == LONGEST
    assert RING.open(longest, b"") == bytes(SECRET_LIMIT)
    root = seeded(2)(32)
    longer = reference.seal_at_rest(
        root, SECRET_LABEL, bytes(16), bytes(12), bytes(SECRET_LIMIT + 1), b""
    )
    assert longer[1:17].hex() == NEW.root_key_id  # authentic, only too long
    assert _refused(RING, longer, b"")


def test_material_is_not_opened_as_a_secret() -> None:
    material = KeyMaterial.generate("mrk-" + "5" * 32, seeded())
    sealed = RING.seal_material(material, "us-east-1", seeded())
    bound = binding("us-east-1", material.key_id, material.material_id)
    assert _refused(RING, sealed, bound)


def test_a_ring_needs_a_root_key() -> None:
    with pytest.raises(ValueError, match="at least one"):
        RootKeyRing([])


def test_a_ring_holds_each_root_key_once() -> None:
    with pytest.raises(ValueError, match="once"):
        RootKeyRing([NEW, OLD, RootKey.decode(NEW.encode())])


def test_every_seal_has_its_own_salt_and_nonce() -> None:
    randomness = seeded()
    sealed = [RING.seal(b"secret", b"", randomness) for _ in range(100)]
    assert len({each[17:33] for each in sealed}) == len({each[33:45] for each in sealed}) == 100


@pytest.mark.parametrize("missing", [-1, 1])
def test_randomness_of_another_size_is_an_error_and_no_seal(missing: int) -> None:
    with pytest.raises(ValueError, match="randomness"):
        RING.seal(b"secret", b"", lambda size: bytes(size - missing))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_root_key_has_one_size(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        RootKey(bytes(size))


@given(secrets)
def test_a_root_key_file_reads_back(secret: bytes) -> None:
    text = RootKey(secret).encode()
    assert RootKey.decode(text).encode() == text


@given(st.text(max_size=300))
def test_other_text_is_no_root_key_file(text: str) -> None:
    with pytest.raises(SealError, match="keyspan root key v1"):
        RootKey.decode(text)


@given(st.integers(0), st.characters())
def test_a_root_key_file_with_one_other_character_is_refused(place: int, other: str) -> None:
    text = NEW.encode()
    place %= len(text)
    changed = text[:place] + other + text[place + 1 :]
    if changed in (text, text[:-1]):
        return
    with pytest.raises(SealError):
        RootKey.decode(changed)

"""Encrypt and decrypt: every change is refused, every message has a key of its own."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from hypothesis import given, settings

from crypto.ciphertext import decode
from crypto.context import canonical_context
from crypto.errors import InvalidCiphertext
from crypto.material import KeyMaterial
from crypto.symmetric import SymmetricCipher
from tests.unit.crypto.strategies import bit_flips, contexts, materials, plaintexts, seeded
from tests.vectors.loading import says_nothing

KEY_ID = "mrk-" + "5" * 32
MATERIAL = KeyMaterial.generate(KEY_ID, seeded())
CIPHER = SymmetricCipher(MATERIAL)


@given(materials, plaintexts, contexts)
def test_round_trip(material: KeyMaterial, plaintext: bytes, context: dict[str, str]) -> None:
    bound = canonical_context(context)
    blob = SymmetricCipher(material).encrypt(plaintext, bound, seeded())
    ciphertext = decode(blob)
    assert (ciphertext.key_id, ciphertext.material_id) == (material.key_id, material.material_id)
    assert len(blob) == 97 + len(plaintext) + 16
    again = SymmetricCipher(KeyMaterial.of(material.key_id, material.reveal()))
    assert again.decrypt(ciphertext, bound) == plaintext


@given(contexts, contexts)
def test_another_context_is_refused(one: dict[str, str], other: dict[str, str]) -> None:
    ciphertext = decode(CIPHER.encrypt(b"secret", canonical_context(one), seeded()))
    if one == other:
        return
    with pytest.raises(InvalidCiphertext):
        CIPHER.decrypt(ciphertext, canonical_context(other))


def _refused(blob: bytes, context: bytes) -> bool:
    try:
        CIPHER.decrypt(decode(blob), context)
    except InvalidCiphertext as error:
        return says_nothing(error)
    return False


@settings(max_examples=5, deadline=None)
@given(plaintexts.filter(lambda plaintext: len(plaintext) < 64), contexts)
def test_every_flipped_bit_is_refused(plaintext: bytes, context: dict[str, str]) -> None:
    bound = canonical_context(context)
    blob = CIPHER.encrypt(plaintext, bound, seeded())
    assert all(_refused(flipped, bound) for flipped in bit_flips(blob))


def test_every_truncation_is_refused() -> None:
    blob = CIPHER.encrypt(b"secret", b"", seeded())
    assert all(_refused(blob[:size], b"") for size in range(len(blob)))


@given(materials)
def test_other_material_of_the_same_key_is_refused(material: KeyMaterial) -> None:
    ciphertext = decode(CIPHER.encrypt(b"secret", b"", seeded()))
    other = SymmetricCipher(KeyMaterial.of(KEY_ID, material.reveal()))
    with pytest.raises(InvalidCiphertext):
        other.decrypt(ciphertext, b"")


def test_the_same_material_of_another_key_is_refused() -> None:
    ciphertext = decode(CIPHER.encrypt(b"secret", b"", seeded()))
    other = SymmetricCipher(KeyMaterial.of("mrk-" + "6" * 32, MATERIAL.reveal()))
    with pytest.raises(InvalidCiphertext):
        other.decrypt(ciphertext, b"")


@pytest.mark.parametrize("size", [0, 4097, 1 << 20])
def test_a_plaintext_of_another_size_is_not_encrypted(size: int) -> None:
    with pytest.raises(ValueError, match=f"a plaintext of {size} bytes"):
        CIPHER.encrypt(b"\x5a" * size, b"", seeded())


def test_every_encryption_draws_its_own_salt_and_nonce() -> None:
    randomness = seeded()
    made = [decode(CIPHER.encrypt(b"secret", b"", randomness)) for _ in range(100)]
    assert len({each.salt for each in made}) == len({each.nonce for each in made}) == 100


def test_randomness_is_asked_for_salt_and_nonce_alone() -> None:
    asked: list[int] = []

    def randomness(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    CIPHER.encrypt(b"secret", b"", randomness)
    assert sum(asked) == 16 + 12


@pytest.mark.parametrize("drawn", [b"", bytes(27), bytes(29)])
def test_randomness_of_another_size_is_an_error_and_no_ciphertext(drawn: bytes) -> None:
    with pytest.raises(ValueError, match="randomness"):
        CIPHER.encrypt(b"secret", b"", lambda _size: drawn)


def test_one_cipher_serves_several_threads() -> None:
    numbers = count()

    def round_trip(_: int) -> bool:
        plaintext = next(numbers).to_bytes(4, "big")
        blob = CIPHER.encrypt(plaintext, plaintext, seeded())
        return CIPHER.decrypt(decode(blob), plaintext) == plaintext

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(round_trip, range(800)))

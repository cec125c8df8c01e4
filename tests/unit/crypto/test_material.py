"""Key material: one size, one spelling of its key ID, an ID that names it."""

import pytest
from hypothesis import given

from crypto.errors import SealError
from crypto.material import KeyMaterial
from tests.unit.crypto.strategies import key_ids, materials, secrets, seeded

KEY_ID = "mrk-" + "5" * 32


@given(key_ids, secrets)
def test_material_is_known_by_key_id_and_secret(key_id: str, secret: bytes) -> None:
    one, other = KeyMaterial.of(key_id, secret), KeyMaterial.of(key_id, secret)
    assert one == other
    assert hash(one) == hash(other)
    assert one.material_id == other.material_id


@given(materials, materials)
def test_other_material_has_another_id(one: KeyMaterial, other: KeyMaterial) -> None:
    assert (one == other) == (one.material_id == other.material_id)


@given(secrets)
def test_the_same_secret_of_another_key_is_other_material(secret: bytes) -> None:
    one, other = KeyMaterial.of(KEY_ID, secret), KeyMaterial.of("mrk-" + "6" * 32, secret)
    assert one != other
    assert one.material_id != other.material_id


def test_material_equals_nothing_else() -> None:
    material = KeyMaterial.generate(KEY_ID, seeded())
    assert material != material.reveal()
    assert material != material.material_id


def test_generated_material_is_what_randomness_gave() -> None:
    assert KeyMaterial.generate(KEY_ID, seeded()) == KeyMaterial.of(KEY_ID, seeded()(32))


@pytest.mark.parametrize("drawn", [b"", bytes(31), bytes(33)])
def test_randomness_of_another_size_makes_no_material(drawn: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyMaterial.generate(KEY_ID, lambda _size: drawn)


def test_a_later_change_of_a_buffer_does_not_change_the_material() -> None:
    buffer = bytearray(seeded()(32))
    material = KeyMaterial.of(KEY_ID, buffer)  # type: ignore[arg-type]
    buffer[0] ^= 1
    assert material.reveal() == seeded()(32)


@pytest.mark.parametrize("key_id", ["", "no key ID", KEY_ID[:-1]])
def test_what_came_out_of_a_seal_needs_a_key_id(key_id: str) -> None:
    with pytest.raises(SealError):
        KeyMaterial.checked(key_id, bytes(32), "0" * 64)


def test_what_came_out_of_a_seal_is_what_its_id_names() -> None:
    material = KeyMaterial.generate(KEY_ID, seeded())
    assert KeyMaterial.checked(KEY_ID, material.reveal(), material.material_id) == material
    for material_id in ("0" * 64, material.material_id.upper(), ""):
        with pytest.raises(SealError):
            KeyMaterial.checked(KEY_ID, material.reveal(), material_id)

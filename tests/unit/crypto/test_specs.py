"""The table of key specs: complete, consistent with itself, and followed by what it drives."""

import pytest

from crypto.keys import generate_material, generate_pair, prepared
from crypto.messages import MESSAGE_FORMS
from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT, KeySpec, Kind
from crypto.uses import PreparedKey, PublicHalf
from tests.unit.crypto.keys import KEY_ID, PAIRS, key_of, material_of
from tests.unit.crypto.strategies import seeded

each_spec = pytest.mark.parametrize("spec", KEY_SPECS.values(), ids=KEY_SPECS)


def test_the_spec_of_symmetric_keys_is_that_of_kms() -> None:
    """KMS API reference: CreateKey (KeySpec, KeyUsage), Encrypt (Plaintext, 1 to 4096 bytes)."""
    assert KEY_SPECS["SYMMETRIC_DEFAULT"] is SYMMETRIC_DEFAULT
    assert SYMMETRIC_DEFAULT.usages == ("ENCRYPT_DECRYPT",)
    assert SYMMETRIC_DEFAULT.algorithms["ENCRYPT_DECRYPT"] == ("SYMMETRIC_DEFAULT",)
    assert SYMMETRIC_DEFAULT.material_sizes == (32, 32)
    assert SYMMETRIC_DEFAULT.plaintext_limits == {"SYMMETRIC_DEFAULT": 4096}


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        SYMMETRIC_DEFAULT.algorithms["SIGN_VERIFY"] = ()  # type: ignore[index]
    with pytest.raises(TypeError):
        KEY_SPECS["OTHER"] = SYMMETRIC_DEFAULT  # type: ignore[index]


@each_spec
def test_every_algorithm_of_a_usage_has_what_it_needs(spec: KeySpec) -> None:
    signing = spec.algorithms.get("SIGN_VERIFY", ())
    assert set(signing) <= set(MESSAGE_FORMS)
    assert set(spec.plaintext_limits) == set(spec.algorithms.get("ENCRYPT_DECRYPT", ()))
    assert not spec.unavailable & {name for names in spec.algorithms.values() for name in names}


@each_spec
def test_what_is_generated_fits_the_spec(spec: KeySpec) -> None:
    material = generate_material(KEY_ID, spec.name, seeded())
    least, most = spec.material_sizes
    assert least <= len(material.reveal()) <= most
    assert material.key_spec == spec.name
    if spec.kind is not Kind.RSA:  # whose randomness is the library's own
        assert material == generate_material(KEY_ID, spec.name, seeded())
    assert material != generate_material(KEY_ID, spec.name, seeded(1))


def test_a_spec_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="no key spec ML_KEM_512"):
        generate_material(KEY_ID, "ML_KEM_512", seeded())


@pytest.mark.parametrize("name", ["ECC_NIST_P256", "ECC_NIST_P521"])
@pytest.mark.parametrize("byte", [0x00, 0xFF])
def test_randomness_that_gives_no_scalar(name: str, byte: int) -> None:
    """Zero, and more than the curve's order: drawn again, and in the end refused."""
    with pytest.raises(ValueError, match="source of randomness"):
        generate_material(KEY_ID, name, lambda size: bytes([byte]) * size)


def test_a_scalar_is_drawn_again_until_it_fits() -> None:
    draws = iter([bytes(32), b"\xff" * 32, b"\x01" * 32])
    material = generate_material(KEY_ID, "ECC_NIST_P256", lambda size: next(draws))
    assert material.reveal() == b"\x01" * 32


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_every_usage_has_a_key_object_that_is_made_when_first_used(spec: str, usage: str) -> None:
    key = prepared(material_of(spec), usage)
    assert isinstance(key, PreparedKey)
    assert (key.spec.name, key.key_id, key.material_id) == (
        spec,
        KEY_ID,
        material_of(spec).material_id,
    )
    assert key.ready == (not isinstance(key, PublicHalf))
    if isinstance(key, PublicHalf):
        public = key.public_key()
        assert key.ready
        assert key.public_key() == public


@each_spec
def test_a_key_is_prepared_for_no_other_usage(spec: KeySpec) -> None:
    others = {usage for _, usage in PAIRS} - set(spec.usages)
    for usage in others:
        with pytest.raises(ValueError, match="has no usage"):
            prepared(material_of(spec.name), usage)


@pytest.mark.parametrize("name", ["SYMMETRIC_DEFAULT", "HMAC_256"])
def test_there_is_no_pair_without_a_public_half(name: str) -> None:
    with pytest.raises(KeyError):
        generate_pair(KEY_SPECS[name], seeded())


def test_two_usages_of_one_material_have_one_public_key() -> None:
    halves = [key_of("RSA_2048", usage) for usage in ("SIGN_VERIFY", "ENCRYPT_DECRYPT")]
    assert len({half.public_key() for half in halves if isinstance(half, PublicHalf)}) == 1

"""Material of every key spec: it has its spec's sizes, and is never taken for another kind."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import SealError
from crypto.identity import RegionIdentity
from crypto.material import KeyMaterial
from crypto.sealing import RootKey, RootKeyRing
from crypto.specs import KEY_SPECS, KeySpec
from crypto.symmetric import SymmetricCipher
from tests.unit.crypto.keys import KEY_ID, material_of
from tests.unit.crypto.strategies import key_ids, seeded

each_spec = pytest.mark.parametrize("spec", KEY_SPECS.values(), ids=KEY_SPECS)
RING = RootKeyRing([RootKey.generate(seeded())])
EAST = RegionIdentity.generate("us-east-1", seeded(2))
OF_32_BYTES = [name for name, spec in KEY_SPECS.items() if spec.fits(32)]


@each_spec
def test_only_sizes_of_the_spec(spec: KeySpec) -> None:
    least, most = spec.material_sizes
    for size in {least, most}:
        assert KeyMaterial.of(KEY_ID, bytes(size), spec.name).spec is spec
    for size in (0, least - 1, most + 1):
        with pytest.raises(ValueError, match=f"key material of {spec.name} is .* bytes long"):
            KeyMaterial.of(KEY_ID, bytes(size), spec.name)


def test_a_spec_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="no such key spec"):
        KeyMaterial.of(KEY_ID, bytes(32), "SM2")
    with pytest.raises(SealError):
        KeyMaterial.checked(KEY_ID, bytes(32), "0" * 64, "SM2")


@given(key_ids, st.binary(min_size=32, max_size=32))
def test_the_same_bytes_of_another_spec_are_other_material(key_id: str, secret: bytes) -> None:
    found = [KeyMaterial.of(key_id, secret, name) for name in OF_32_BYTES]
    assert len(OF_32_BYTES) >= 7
    assert len({each.material_id for each in found}) == len(found)
    assert all(one != other for one in found for other in found if one is not other)


@given(key_ids, st.binary(min_size=32, max_size=64))
def test_the_material_id_is_that_of_the_formats_page(key_id: str, secret: bytes) -> None:
    context = f"{key_id}HMAC_256".encode()
    head = b"\x00\x00\x00\x01keyspan/1 typed key material ID\x00"
    key = hashlib.sha256(secret).digest()
    expected = hmac.digest(key, head + context + b"\x00\x00\x01\x00", "sha256")
    assert KeyMaterial.of(key_id, secret, "HMAC_256").material_id == expected.hex()


@each_spec
def test_material_of_every_spec_survives_its_seals(spec: KeySpec) -> None:
    material = material_of(spec.name)
    at_rest = RING.seal_material(material, "us-east-1", seeded())
    opened = RING.open_material(at_rest, KEY_ID, material.material_id, "us-east-1", spec.name)
    assert opened == material
    sent = EAST.public.seal_materials(KEY_ID, [material], b"", b"info")
    opened_elsewhere = EAST.open_materials(sent, KEY_ID, [material.material_id], b"info", spec.name)
    assert opened_elsewhere == ([material], b"")


@each_spec
def test_a_seal_does_not_open_as_another_kind_of_key(spec: KeySpec) -> None:
    """Whoever can write the store, but not its seals, cannot turn a key into another kind."""
    material = material_of(spec.name)
    at_rest = RING.seal_material(material, "us-east-1", seeded())
    sent = EAST.public.seal_materials(KEY_ID, [material], b"", b"info")
    for name in KEY_SPECS:
        if name != spec.name:
            with pytest.raises(SealError):
                RING.open_material(at_rest, KEY_ID, material.material_id, "us-east-1", name)
            with pytest.raises(SealError):
                EAST.open_materials(sent, KEY_ID, [material.material_id], b"info", name)


def test_other_material_makes_no_symmetric_cipher() -> None:
    with pytest.raises(ValueError, match="HMAC_256 makes no symmetric cipher"):
        SymmetricCipher(KeyMaterial.of(KEY_ID, bytes(32), "HMAC_256"))

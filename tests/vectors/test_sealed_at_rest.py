"""Vectors of sealed secrets and sealed material, against both implementations."""

import pytest

from crypto.errors import SealError
from crypto.sealing import RootKey, RootKeyRing, sealed_under
from tests.vectors import reference
from tests.vectors.loading import Vector, accepted, refused, says_nothing


def _ring(vector: Vector) -> RootKeyRing:
    return RootKeyRing([RootKey(bytes.fromhex(root)) for root in vector["root_keys"]])


def _second_opens(vector: Vector, label: bytes, bound: bytes) -> bytes:
    sealed = vector.raw("sealed")
    roots = {reference.root_key_id(bytes.fromhex(root)): root for root in vector["root_keys"]}
    return reference.open_at_rest(bytes.fromhex(roots[sealed[1:17]]), label, sealed, bound)


@accepted("sealed_secret")
def test_secret_opens(vector: Vector) -> None:
    assert _ring(vector).open(vector.raw("sealed"), vector.raw("bound")) == vector.raw("secret")


@accepted("sealed_secret")
def test_second_implementation_opens_secret(vector: Vector) -> None:
    label = b"keyspan/1 one-time key of a sealed secret"
    assert _second_opens(vector, label, vector.raw("bound")) == vector.raw("secret")


@refused("sealed_secret")
def test_secret_is_refused(vector: Vector) -> None:
    with pytest.raises(SealError) as caught:
        _ring(vector).open(vector.raw("sealed"), vector.raw("bound"))
    assert says_nothing(caught.value)


@accepted("sealed_material")
def test_material_opens(vector: Vector) -> None:
    sealed = vector.raw("sealed")
    material = _ring(vector).open_material(sealed, vector["key_id"], vector["id"], vector["region"])
    assert (material.key_id, material.material_id) == (vector["key_id"], vector["id"])
    assert sealed_under(sealed) in _ring(vector).root_key_ids


@accepted("sealed_material")
def test_second_implementation_opens_material(vector: Vector) -> None:
    bound = reference.bound(vector["region"], vector["key_id"], vector["id"])
    secret = _second_opens(vector, b"keyspan/1 one-time key of sealed key material", bound)
    assert reference.material_id(vector["key_id"], secret).hex() == vector["id"]


@refused("sealed_material")
def test_material_is_refused(vector: Vector) -> None:
    with pytest.raises(SealError) as caught:
        _ring(vector).open_material(
            vector.raw("sealed"), vector["key_id"], vector["id"], vector["region"]
        )
    assert says_nothing(caught.value)

"""Vectors of encryption context, binding and material ID, against both implementations."""

import pytest

from crypto.context import canonical_context
from crypto.encoding import binding
from crypto.material import KeyMaterial
from tests.vectors import reference
from tests.vectors.loading import Vector, accepted, refused


@accepted("encryption_context")
def test_context_has_its_canonical_bytes(vector: Vector) -> None:
    assert canonical_context(vector["context"]) == vector.raw("canonical")
    assert reference.context_bytes(vector["context"]) == vector.raw("canonical")


@refused("encryption_context")
def test_context_is_refused(vector: Vector) -> None:
    with pytest.raises(vector.error):
        canonical_context(vector["context"])


def _fields(vector: Vector) -> list[str | bytes | int]:
    return [
        bytes.fromhex(field["bytes"]) if "bytes" in field else next(iter(field.values()))
        for field in vector["fields"]
    ]


@accepted("binding")
def test_binding_has_its_bytes(vector: Vector) -> None:
    assert binding(*_fields(vector)) == vector.raw("bound")
    assert reference.bound(*_fields(vector)) == vector.raw("bound")


@refused("binding")
def test_binding_is_refused(vector: Vector) -> None:
    with pytest.raises(vector.error):
        binding(*_fields(vector))


@accepted("material_id")
def test_material_has_its_id(vector: Vector) -> None:
    key_id, secret = vector["key_id"], vector.raw("secret")
    assert KeyMaterial.of(key_id, secret).material_id == vector["id"]
    assert reference.material_id(key_id, secret).hex() == vector["id"]


@refused("material_id")
def test_material_is_refused(vector: Vector) -> None:
    with pytest.raises(vector.error) as caught:
        KeyMaterial.of(vector["key_id"], vector.raw("secret"))
    assert vector["key_id"] not in str(caught.value)

"""Vectors of import tokens and of wrapped key material."""

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from crypto.imports import ImportToken
from crypto.material import KeyMaterial
from crypto.sealing import RootKey, RootKeyRing
from tests.vectors import reference_wrapping as reference
from tests.vectors.loading import Vector, accepted, refused, says_nothing


def _opened(vector: Vector) -> ImportToken:
    ring = RootKeyRing([RootKey(bytes.fromhex(root)) for root in vector["root_keys"]])
    return ImportToken.opened(ring, vector["region"], vector["key_id"], vector.raw("token"))


@accepted("import_token")
def test_token_opens(vector: Vector) -> None:
    token = _opened(vector)
    assert (token.key_id, token.valid_to) == (vector["key_id"], vector["valid_to"])


@refused("import_token")
def test_token_is_refused(vector: Vector) -> None:
    with pytest.raises(vector.error) as caught:
        _opened(vector)
    assert says_nothing(caught.value)


@accepted("wrapped_material")
def test_material_unwraps(vector: Vector) -> None:
    material = _opened(vector).unwrapped(vector.raw("wrapped"), vector["key_spec"])
    assert material == KeyMaterial.of(vector["key_id"], vector.raw("secret"), vector["key_spec"])


@refused("wrapped_material")
def test_material_is_refused(vector: Vector) -> None:
    with pytest.raises(vector.error) as caught:
        _opened(vector).unwrapped(vector.raw("wrapped"), vector["key_spec"])
    assert says_nothing(caught.value)


@pytest.mark.parametrize(
    ("key", "material", "wrapped"),
    [  # RFC 5649 section 6
        (
            "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
            "c37b7e6492584340bed12207808941155068f738",
            "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
        ),
        (
            "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
            "466f7250617369",
            "afbeb0f07dfbf5419200f2ccb50bb24f",
        ),
    ],
)
def test_the_second_implementation_of_key_wrap_is_that_of_the_rfc(
    key: str, material: str, wrapped: str
) -> None:
    found = reference.key_wrap(bytes.fromhex(key), bytes.fromhex(material))
    assert found.hex() == wrapped
    assert found == aes_key_wrap_with_padding(bytes.fromhex(key), bytes.fromhex(material))

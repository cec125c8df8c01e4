"""Vectors of the ciphertext blob, against both implementations."""

import pytest

from crypto.ciphertext import decode
from crypto.context import canonical_context
from crypto.errors import InvalidCiphertext
from crypto.material import KeyMaterial
from crypto.symmetric import SymmetricCipher
from tests.vectors import reference
from tests.vectors.loading import Vector, accepted, refused, says_nothing


def _cipher(vector: Vector) -> SymmetricCipher:
    return SymmetricCipher(KeyMaterial.of(vector["key_id"], vector.raw("secret")))


@accepted("ciphertext")
def test_opens(vector: Vector) -> None:
    blob, context = decode(vector.raw("blob")), canonical_context(vector["context"])
    assert blob.key_id == vector["key_id"]
    assert blob.encode() == vector.raw("blob")
    assert _cipher(vector).decrypt(blob, context) == vector.raw("plaintext")


@accepted("ciphertext")
def test_second_implementation_opens(vector: Vector) -> None:
    opened = reference.open_ciphertext(vector.raw("secret"), vector.raw("blob"), vector["context"])
    assert opened == vector.raw("plaintext")


@accepted("ciphertext")
def test_is_made_again_from_the_same_randomness(vector: Vector) -> None:
    context = canonical_context(vector["context"])
    blob = _cipher(vector).encrypt(
        vector.raw("plaintext"), context, lambda _size: vector.raw("randomness")
    )
    assert blob == vector.raw("blob")


@refused("ciphertext")
def test_is_refused(vector: Vector) -> None:
    with pytest.raises(InvalidCiphertext) as caught:
        _cipher(vector).decrypt(decode(vector.raw("blob")), canonical_context(vector["context"]))
    assert says_nothing(caught.value)

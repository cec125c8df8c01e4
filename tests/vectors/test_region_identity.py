"""Vectors of signatures and of what is sealed to a region, against both implementations."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import InvalidSignature, SealError
from crypto.identity import PublicIdentity, RegionIdentity
from tests.vectors import reference
from tests.vectors.loading import Vector, accepted, refused, says_nothing

ANY_SEED = bytes(32)


def _receiver(vector: Vector) -> RegionIdentity:
    return RegionIdentity(vector["region"], ANY_SEED, vector.raw("seed"))


def _signer(vector: Vector) -> PublicIdentity:
    sealing_key = reference.xwing_public(ANY_SEED)
    return PublicIdentity(vector["region"], vector.raw("public_key"), sealing_key)


@accepted("signature")
def test_signature_verifies_and_is_made_again(vector: Vector) -> None:
    purpose, message, signature = map(vector.raw, ("purpose", "message", "signature"))
    _signer(vector).verify(purpose, message, signature)
    signer = RegionIdentity(vector["region"], vector.raw("seed"), ANY_SEED)
    assert signer.sign(purpose, message) == signature


@accepted("signature")
def test_second_implementation_makes_the_signature(vector: Vector) -> None:
    signed = reference.signed_bytes(vector["region"], vector.raw("purpose"), vector.raw("message"))
    key = Ed25519PrivateKey.from_private_bytes(vector.raw("seed"))
    assert key.sign(signed) == vector.raw("signature")


@refused("signature")
def test_signature_is_refused(vector: Vector) -> None:
    purpose, message, signature = map(vector.raw, ("purpose", "message", "signature"))
    with pytest.raises(InvalidSignature) as caught:
        _signer(vector).verify(purpose, message, signature)
    assert says_nothing(caught.value)


@accepted("region_secret")
def test_secret_opens(vector: Vector) -> None:
    assert _receiver(vector).open(vector.raw("sealed"), vector.raw("info")) == vector.raw("secret")


@accepted("region_secret")
def test_second_implementation_opens_secret(vector: Vector) -> None:
    info = reference.secret_info(vector["region"], vector.raw("info"))
    opened = reference.open_to_region(vector.raw("seed"), vector.raw("sealed"), info)
    assert opened == vector.raw("secret")


@refused("region_secret")
def test_secret_is_refused(vector: Vector) -> None:
    with pytest.raises(SealError) as caught:
        _receiver(vector).open(vector.raw("sealed"), vector.raw("info"))
    assert says_nothing(caught.value)


@accepted("region_materials")
def test_materials_open(vector: Vector) -> None:
    materials, beside = _receiver(vector).open_materials(
        vector.raw("sealed"), vector["key_id"], vector["ids"], vector.raw("info")
    )
    named = [(each.key_id, each.material_id) for each in materials]
    assert named == [(vector["key_id"], each) for each in vector["ids"]]
    assert beside == vector.raw("beside")


@accepted("region_materials")
def test_second_implementation_opens_materials(vector: Vector) -> None:
    key_id, ids = vector["key_id"], vector["ids"]
    info = reference.materials_info(vector["region"], key_id, ids, vector.raw("info"))
    plaintext = reference.open_to_region(vector.raw("seed"), vector.raw("sealed"), info)
    secrets, beside = reference.materials_and_beside(plaintext, len(ids))
    assert [reference.material_id(key_id, each).hex() for each in secrets] == ids
    assert beside == vector.raw("beside")


@refused("region_materials")
def test_materials_are_refused(vector: Vector) -> None:
    with pytest.raises(SealError) as caught:
        _receiver(vector).open_materials(
            vector.raw("sealed"), vector["key_id"], vector["ids"], vector.raw("info")
        )
    assert says_nothing(caught.value)


@accepted("public_identity")
def test_public_identity_is_read_and_written_again(vector: Vector) -> None:
    public = PublicIdentity.decode(vector["region"], vector.fields)
    assert public.fingerprint == vector["fingerprint"]
    assert public.encode() == {name: vector[name] for name in ("signing_key", "sealing_key")}


@accepted("public_identity")
def test_second_implementation_has_the_fingerprint(vector: Vector) -> None:
    keys = (base64.b64decode(vector[name]) for name in ("signing_key", "sealing_key"))
    assert reference.fingerprint(vector["region"], *keys) == vector["fingerprint"]


@refused("public_identity")
def test_public_identity_is_refused(vector: Vector) -> None:
    with pytest.raises(vector.error):
        PublicIdentity.decode(vector["region"], vector.fields)

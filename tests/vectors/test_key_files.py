"""Vectors of the key files, against both implementations."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import SealError
from crypto.identity import RegionIdentity
from crypto.sealing import RootKey
from tests.vectors import reference
from tests.vectors.loading import Vector, accepted, refused


def _secrets(vector: Vector) -> list[str]:
    """Every run of hexadecimal digits in a file that is long enough to be part of a secret."""
    words = vector["text"].replace("\n", " ").split(" ")
    return [word for word in words if len(word) >= 16]


@accepted("root_key_file")
def test_root_key_file_is_read(vector: Vector) -> None:
    key = RootKey.decode(vector["text"])
    assert key.root_key_id == vector["id"]
    assert key.encode() == vector["text"].removesuffix("\n") + "\n"


@accepted("root_key_file")
def test_second_implementation_writes_the_root_key_file(vector: Vector) -> None:
    identifier = reference.root_key_id(vector.raw("secret")).hex()
    text = reference.key_file(
        "keyspan root key v1", f"id: {identifier}", f"secret: {vector['secret']}"
    )
    assert text == vector["text"].removesuffix("\n") + "\n"


@refused("root_key_file")
def test_root_key_file_is_refused_with_a_reason_that_reveals_nothing(vector: Vector) -> None:
    with pytest.raises(SealError, match=r"keyspan root key v1") as caught:
        RootKey.decode(vector["text"])
    assert not any(secret in str(caught.value) for secret in _secrets(vector))


@accepted("identity_file")
def test_identity_file_is_read(vector: Vector) -> None:
    identity = RegionIdentity.decode(vector["text"])
    assert identity.region == vector["region"]
    assert identity.public.fingerprint == vector["fingerprint"]
    assert identity.encode() == vector["text"].removesuffix("\n") + "\n"


@accepted("identity_file")
def test_second_implementation_writes_the_identity_file(vector: Vector) -> None:
    signing_key = Ed25519PrivateKey.from_private_bytes(vector.raw("signing_seed")).public_key()
    sealing_key = reference.xwing_public(vector.raw("sealing_seed"))
    fingerprint = reference.fingerprint(
        vector["region"], signing_key.public_bytes_raw(), sealing_key
    )
    text = reference.key_file(
        "keyspan identity v1",
        f"region: {vector['region']}",
        f"signing-seed: {vector['signing_seed']}",
        f"sealing-seed: {vector['sealing_seed']}",
        f"fingerprint: {fingerprint}",
    )
    assert text == vector["text"].removesuffix("\n") + "\n"


@refused("identity_file")
def test_identity_file_is_refused_with_a_reason_that_reveals_nothing(vector: Vector) -> None:
    with pytest.raises(SealError, match=r"keyspan identity v1") as caught:
        RegionIdentity.decode(vector["text"])
    assert not any(secret in str(caught.value) for secret in _secrets(vector))

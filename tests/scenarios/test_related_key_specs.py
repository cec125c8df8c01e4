"""Multi-Region keys of every spec: what one region does, a replica in another undoes or repeats."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scenarios.client import Answer, Kms
from tests.scenarios.key_specs import ALGORITHMS, PAIRS
from tests.scenarios.region import Regions

MESSAGE = b"a message"


def encrypts(here: Kms, there: Kms, key: str, algorithm: str) -> None:
    named = {"KeyId": key, "EncryptionAlgorithm": algorithm}
    blob = here("Encrypt", Plaintext=MESSAGE, **named)["CiphertextBlob"]
    answer = there("Decrypt", CiphertextBlob=blob, **named)
    assert (answer["Plaintext"], answer["KeyId"]) == (MESSAGE, there.arn(key))


def signs(here: Kms, there: Kms, key: str, algorithm: str) -> None:
    members = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
    signature = here("Sign", **members)["Signature"]
    assert there("Verify", Signature=signature, **members)["SignatureValid"]


def makes_macs(here: Kms, there: Kms, key: str, algorithm: str) -> None:
    members = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": algorithm}
    mac = here("GenerateMac", **members)["Mac"]
    assert there("GenerateMac", **members)["Mac"] == mac
    assert there("VerifyMac", Mac=mac, **members)["MacValid"]


def agrees(here: Kms, there: Kms, key: str, algorithm: str) -> None:
    """Each side alone, with its own public key as the peer's: the same point, the same secret."""
    public = here("GetPublicKey", KeyId=key)["PublicKey"]
    members = {"KeyId": key, "PublicKey": public, "KeyAgreementAlgorithm": algorithm}
    secrets = {kms("DeriveSharedSecret", **members)["SharedSecret"] for kms in (here, there)}
    assert len(secrets) == 1


def encapsulates(here: Kms, there: Kms, key: str, algorithm: str) -> None:
    named = {"KeyId": key, "EncapsulationAlgorithm": algorithm}
    made = here("Encapsulate", **named)
    opened = there(
        "Decapsulate", SharedSecretCiphertextBlob=made["SharedSecretCiphertextBlob"], **named
    )
    assert opened["SharedSecret"] == made["SharedSecret"]


USES: dict[str, Callable[[Kms, Kms, str, str], None]] = {
    "ENCRYPT_DECRYPT": encrypts,
    "SIGN_VERIFY": signs,
    "GENERATE_VERIFY_MAC": makes_macs,
    "KEY_AGREEMENT": agrees,
    "ENCAPSULATE_DECAPSULATE": encapsulates,
}


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_a_replica_is_the_same_key(spec: str, usage: str, shared_regions: Regions) -> None:
    here, there = shared_regions["us-east-1"].kms, shared_regions["eu-west-1"].kms
    key = here.key(KeySpec=spec, KeyUsage=usage, MultiRegion=True)
    replica = here("ReplicateKey", KeyId=key, ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]
    assert (replica["KeySpec"], replica["KeyUsage"]) == (spec, usage)
    shared_regions.settle()
    assert common(there.metadata(key)) == common(here.metadata(key))
    for algorithm in ALGORITHMS[spec, usage]:
        USES[usage](here, there, key, algorithm)
        USES[usage](there, here, key, algorithm)
    if not spec.startswith(("SYMMETRIC", "HMAC")):
        publics = {kms("GetPublicKey", KeyId=key)["PublicKey"] for kms in (here, there)}
        assert len(publics) == 1


def common(metadata: Answer) -> Answer:
    """What a key has in common with its related keys."""
    own = ("Arn", "CreationDate", "MultiRegionConfiguration")
    return {name: value for name, value in metadata.items() if name not in own}

"""CreateKey, DescribeKey and GetPublicKey of every key spec and usage, and the pairs refused."""

from __future__ import annotations

import itertools

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.scenarios.client import Kms, refused
from tests.scenarios.key_specs import ALGORITHMS, MEMBERS, PAIRS, SPECS, USAGES, Keys
from tests.wire.model import MODEL

OLDER_SPECS = MODEL.shape_for("CustomerMasterKeySpec").enum
WITHOUT_PUBLIC_KEY = ("SYMMETRIC", "HMAC")
SPKI_SIZES = {
    "RSA_2048": 294,
    "ECC_NIST_P256": 91,
    "ECC_NIST_EDWARDS25519": 44,
    "ML_DSA_44": 1334,
    "ML_DSA_65": 1974,
    "ML_DSA_87": 2614,
    "ML_KEM_768": 1206,
    "ML_KEM_1024": 1590,
}


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_a_key_of_every_spec_and_usage(spec: str, usage: str, keys: Keys, kms: Kms) -> None:
    metadata = kms.metadata(keys(spec, usage))
    assert (metadata["KeySpec"], metadata["KeyUsage"]) == (spec, usage)
    assert metadata.get("CustomerMasterKeySpec") == (spec if spec in OLDER_SPECS else None)
    assert (metadata["KeyState"], metadata["Origin"]) == ("Enabled", "AWS_KMS")
    assert ("CurrentKeyMaterialId" in metadata) == (spec == "SYMMETRIC_DEFAULT")
    told = {name: metadata[name] for name in MEMBERS.values() if name in metadata}
    assert told == {MEMBERS[usage]: ALGORITHMS[spec, usage]}


@pytest.mark.parametrize(
    ("spec", "usage"), [pair for pair in itertools.product(SPECS, USAGES) if pair not in PAIRS]
)
def test_a_usage_that_a_spec_does_not_have(spec: str, usage: str, kms: Kms) -> None:
    with refused("ValidationException", f"KeyUsage {usage} is not compatible with KeySpec {spec}"):
        kms("CreateKey", KeySpec=spec, KeyUsage=usage)


@pytest.mark.parametrize("spec", SPECS[1:])
def test_a_usage_has_to_be_given(spec: str, kms: Kms) -> None:
    with refused(
        "ValidationException",
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    ):
        kms("CreateKey", KeySpec=spec)


@pytest.mark.parametrize(
    ("spec", "usage"), [("SM2", "SIGN_VERIFY"), ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE")]
)
def test_specs_that_are_not_in_this_region(spec: str, usage: str, kms: Kms) -> None:
    with refused(
        "UnsupportedOperationException", f"KeySpec {spec} is not supported in this Region."
    ):
        kms("CreateKey", KeySpec=spec, KeyUsage=usage)


def test_the_older_name_of_the_key_spec(kms: Kms) -> None:
    key = kms.key(CustomerMasterKeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    assert kms.metadata(key)["KeySpec"] == "ECC_NIST_P256"
    with refused("ValidationException"):
        kms("CreateKey", CustomerMasterKeySpec="HMAC_224", KeySpec="HMAC_224")


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_the_public_key(spec: str, usage: str, keys: Keys, kms: Kms) -> None:
    key = keys(spec, usage)
    if spec.startswith(WITHOUT_PUBLIC_KEY):
        with refused(
            "UnsupportedOperationException",
            f"{kms.arn(key)} key spec is {spec} which is not valid for GetPublicKey.",
        ):
            kms("GetPublicKey", KeyId=key)
        return
    answer = kms("GetPublicKey", KeyId=key)
    public = answer.pop("PublicKey")
    load_der_public_key(public)
    assert len(public) == SPKI_SIZES.get(spec, len(public))
    assert answer == {
        "KeyId": kms.arn(key),
        "KeySpec": spec,
        "KeyUsage": usage,
        MEMBERS[usage]: ALGORITHMS[spec, usage],
        **({"CustomerMasterKeySpec": spec} if spec in OLDER_SPECS else {}),
    }
    assert kms("GetPublicKey", KeyId=kms.arn(key))["PublicKey"] == public


def test_the_public_key_of_a_key_in_another_state(kms: Kms) -> None:
    key = kms.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    kms("DisableKey", KeyId=key)
    with refused("DisabledException", f"{kms.arn(key)} is disabled."):
        kms("GetPublicKey", KeyId=key)


def test_the_public_key_of_another_account(kms: Kms, stranger: Kms, keys: Keys) -> None:
    with refused("AccessDeniedException"):
        stranger("GetPublicKey", KeyId=kms.arn(keys.signing("ECC_NIST_P256")))


@pytest.mark.parametrize(
    ("held", "target", "allowed"),
    [
        ("RSA_2048 SIGN_VERIFY", "ECC_NIST_P256 SIGN_VERIFY", True),
        ("ECC_NIST_P256 SIGN_VERIFY", "ML_DSA_44 SIGN_VERIFY", True),
        ("HMAC_224 GENERATE_VERIFY_MAC", "HMAC_512 GENERATE_VERIFY_MAC", True),
        ("RSA_2048 ENCRYPT_DECRYPT", "RSA_2048 SIGN_VERIFY", False),
        ("ECC_NIST_P256 KEY_AGREEMENT", "ECC_NIST_P256 SIGN_VERIFY", False),
        ("SYMMETRIC_DEFAULT ENCRYPT_DECRYPT", "RSA_2048 ENCRYPT_DECRYPT", False),
        ("SYMMETRIC_DEFAULT ENCRYPT_DECRYPT", "HMAC_224 GENERATE_VERIFY_MAC", False),
    ],
)
def test_an_alias_moves_between_keys_of_one_type_and_usage(
    held: str, target: str, allowed: bool, kms: Kms, keys: Keys
) -> None:
    alias = f"alias/{held}-{target}".replace(" ", "_")
    (spec, usage), (target_spec, target_usage) = held.split(), target.split()
    kms("CreateAlias", AliasName=alias, TargetKeyId=keys(spec, usage))
    if allowed:
        kms("UpdateAlias", AliasName=alias, TargetKeyId=keys(target_spec, target_usage))
        assert kms.metadata(alias)["KeyId"] == keys(target_spec, target_usage)
    else:
        with refused("ValidationException"):
            kms("UpdateAlias", AliasName=alias, TargetKeyId=keys(target_spec, target_usage))


@pytest.mark.parametrize(
    ("spec", "usage"), [pair for pair in PAIRS if pair[1] != "ENCRYPT_DECRYPT"]
)
def test_a_crafted_ciphertext_that_names_such_a_key(
    spec: str, usage: str, keys: Keys, kms: Kms
) -> None:
    """The header names a key of another kind: it is no ciphertext, and not a fault of ours."""
    blob = kms.encrypt(keys("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"))
    key = keys(spec, usage)
    crafted = blob[:1] + key.encode() + blob[37:]
    with refused("InvalidCiphertextException", ""):
        kms("Decrypt", CiphertextBlob=crafted)
    with refused("IncorrectKeyException"):
        kms("Decrypt", CiphertextBlob=crafted, KeyId=key)

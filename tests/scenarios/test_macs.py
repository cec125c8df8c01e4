"""GenerateMac and VerifyMac. What a MAC is, tests/vectors hold against RFC 4231 and openssl."""

from __future__ import annotations

import pytest

from tests.scenarios.client import Kms, refused
from tests.scenarios.key_specs import HMAC, PAIRS, Keys

MESSAGE = b"a message"
USAGE = "GENERATE_VERIFY_MAC"


@pytest.mark.parametrize("spec", HMAC)
def test_a_mac_is_whole_and_verifies(spec: str, keys: Keys, kms: Kms) -> None:
    key, algorithm = keys(spec, USAGE), f"HMAC_SHA_{spec[-3:]}"
    members = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": algorithm}
    answer = kms("GenerateMac", **members)
    mac = answer.pop("Mac")
    assert answer == {"KeyId": kms.arn(key), "MacAlgorithm": algorithm}
    assert len(mac) * 8 == int(spec[-3:])
    assert kms("GenerateMac", **members)["Mac"] == mac
    assert kms("VerifyMac", Mac=mac, **members) == {
        "KeyId": kms.arn(key),
        "MacValid": True,
        "MacAlgorithm": algorithm,
    }
    for wrong in (mac[:-1], mac + b"\x00", bytes([mac[0] ^ 1]) + mac[1:], b"\x00"):
        with refused("KMSInvalidMacException", ""):
            kms("VerifyMac", Mac=wrong, **members)
    with refused("KMSInvalidMacException", ""):
        kms("VerifyMac", Mac=mac, **{**members, "Message": MESSAGE + b"\x00"})
    with refused("KMSInvalidMacException", ""):
        kms("VerifyMac", Mac=mac, **{**members, "KeyId": keys(spec, USAGE, 1)})


@pytest.mark.parametrize("spec", HMAC)
def test_only_the_matching_algorithm(spec: str, keys: Keys, kms: Kms) -> None:
    for other in HMAC:
        algorithm = f"HMAC_SHA_{other[-3:]}"
        if other != spec:
            with refused(
                "InvalidKeyUsageException",
                f"Algorithm {algorithm} is incompatible with key spec {spec}.",
            ):
                kms(
                    "GenerateMac",
                    KeyId=keys(spec, USAGE),
                    Message=MESSAGE,
                    MacAlgorithm=algorithm,
                )


@pytest.mark.parametrize(("spec", "usage"), [pair for pair in PAIRS if pair[1] != USAGE])
def test_a_key_for_another_use(spec: str, usage: str, keys: Keys, kms: Kms) -> None:
    key = keys(spec, usage)
    members = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    text = f"{kms.arn(key)} key usage is {usage} which is not valid for "
    with refused("InvalidKeyUsageException", f"{text}GenerateMac."):
        kms("GenerateMac", **members)
    with refused("InvalidKeyUsageException", f"{text}VerifyMac."):
        kms("VerifyMac", Mac=b"m", **members)


def test_a_dry_run(keys: Keys, kms: Kms) -> None:
    members = {
        "KeyId": keys("HMAC_256", USAGE),
        "Message": MESSAGE,
        "MacAlgorithm": "HMAC_SHA_256",
        "DryRun": True,
    }
    with refused("DryRunOperationException"):
        kms("GenerateMac", **members)
    with refused("KMSInvalidMacException", ""):
        kms("VerifyMac", Mac=b"m", **members)


def test_a_key_pending_deletion(kms: Kms) -> None:
    key = kms.key(KeySpec="HMAC_256", KeyUsage=USAGE)
    kms("ScheduleKeyDeletion", KeyId=key)
    with refused("KMSInvalidStateException", f"{kms.arn(key)} is pending deletion."):
        kms("GenerateMac", KeyId=key, Message=MESSAGE, MacAlgorithm="HMAC_SHA_256")

"""Whatever is sent, signed, to any operation of a real region: never a fault, never a traceback.

And never an error type that a client of the operation does not know: its own in botocore's model,
the common ones, or one of the few that docs/decisions/0005 tells of.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.model.key import KeyState
from node.wire.operation_names import TARGET_PREFIX
from tests.scenarios.region import RegionUnderTest
from tests.scenarios.requests import NOT_REQUESTS, Requests, Values
from tests.wire.model import MODEL, SERVED, known_errors

SPOILING = {"DeleteAlias", "DisableKey", "ScheduleKeyDeletion"}
FEW = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
for_each_operation = pytest.mark.parametrize("operation", SERVED)


class Faults(logging.Handler):
    """What is logged as an error, or with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR or record.exc_info:
            self.found.append(record.getMessage())


class Property:
    """What exists in the region for requests to name; made whole again between requests."""

    def __init__(self, region: RegionUnderTest) -> None:
        self.region = region
        kms = region.kms
        self.keys = [kms.key(), kms.key(MultiRegion=True), kms.key(Tags=TAGS), kms.key()]
        self.foreign = region.stranger.key()
        self.blobs = [kms.encrypt(key) for key in self.keys]
        self.others = [kms.key(KeySpec=spec, KeyUsage=usage) for spec, usage in OTHERS]
        self.blobs += [kms.encrypt(self.keys[0], EncryptionContext=CONTEXT)]
        self.blobs += [region.stranger.encrypt(self.foreign), b"\x01" * 140]
        self.mend()
        self.requests = Requests(self._values())

    def mend(self) -> None:
        """Undo what requests may have done."""
        for key in (*self.keys, *self.others):
            if self.region.stored(key).state is not KeyState.ENABLED:
                self.region.alter(
                    key, state=KeyState.ENABLED, deletion_date=None, pending_window_days=None
                )
        held = self.region.kms("ListAliases", Limit=100)["Aliases"]
        names = {each["AliasName"] for each in held}
        for alias, key in zip(ALIASES, self.keys, strict=False):
            if alias not in names:
                self.region.kms("CreateAlias", AliasName=alias, TargetKeyId=key)

    def _values(self) -> Values:
        kms = self.region.kms
        ids = [*self.keys, *map(kms.arn, self.keys), *self.others]
        foreign = [self.region.stranger.arn(self.foreign), self.foreign]
        any_form = [*ids, *ALIASES, *map(kms.alias_arn, ALIASES), *foreign]
        return {
            "KeyId": any_form,
            "SourceKeyId": any_form,
            "DestinationKeyId": any_form,
            "TargetKeyId": [*ids, *foreign],
            "AliasName": [*ALIASES, "alias/new", "alias/newer"],
            "CiphertextBlob": [base64.b64encode(blob).decode() for blob in self.blobs],
            "EncryptionContext": [{}, CONTEXT],
            "SourceEncryptionContext": [{}, CONTEXT],
            "DestinationEncryptionContext": [{}, CONTEXT],
            "Marker": [kms("ListKeys", Limit=1)["NextMarker"]],
            "Policy": [json.dumps({"Statement": []})],
            "ReplicaRegion": ["eu-west-1", "ap-southeast-2", "us-east-1"],
            "KeySpec": ["SYMMETRIC_DEFAULT", "AES_256", "ECC_NIST_P256", "HMAC_224", "ML_DSA_44"],
            "KeyPairSpec": ["ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "ML_KEM_768", "SM2"],
            "EncryptionAlgorithm": ["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256"],
            "SigningAlgorithm": ["ECDSA_SHA_256", "ED25519_SHA_512", "ML_DSA_SHAKE_256"],
            "MacAlgorithm": ["HMAC_SHA_224"],
            "Message": [base64.b64encode(b"m" * size).decode() for size in (1, 32, 64)],
            "Signature": [base64.b64encode(b"s" * size).decode() for size in (1, 64, 2420)],
            "PublicKey": self._public_keys(),
            "SharedSecretCiphertextBlob": [base64.b64encode(b"e" * 1088).decode()],
            "GrantTokens": [[]],
            "PendingWindowInDays": [7, 30],
        }

    def _public_keys(self) -> list[str]:
        """Of every kind of key that has one, as an answer has it."""
        found = []
        for (spec, _), key in zip(OTHERS, self.others, strict=True):
            if not spec.startswith("HMAC"):
                answer = self.region.kms("GetPublicKey", KeyId=key)
                found.append(base64.b64encode(answer["PublicKey"]).decode())
        return found


TAGS = [{"TagKey": f"tag-{number}", "TagValue": "v"} for number in range(3)]
CONTEXT = {"tenant": "one"}
OTHERS = (
    ("RSA_2048", "ENCRYPT_DECRYPT"),
    ("ECC_NIST_P256", "SIGN_VERIFY"),
    ("ECC_NIST_P256", "KEY_AGREEMENT"),
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
    ("HMAC_224", "GENERATE_VERIFY_MAC"),
    ("ML_DSA_44", "SIGN_VERIFY"),
    ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
)
ALIASES = ("alias/one", "alias/two")


@pytest.fixture(scope="module")
def real(region: RegionUnderTest) -> Property:
    return Property(region)


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    handler = Faults()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def ask(operation: str, body: bytes, real: Property, faults: Faults) -> None:
    """The answer is KMS's, and its error one that clients of the operation know."""
    response = real.region.kms.send(TARGET_PREFIX + operation, body)
    assert not faults.found
    assert response.status in (200, 400), response.body
    if response.status == 400:
        assert json.loads(response.body)["__type"] in known_errors(operation)
    elif operation in SPOILING:
        real.mend()


@for_each_operation
@FEW
@given(data=st.data())
def test_members_of_every_kind(
    operation: str, real: Property, faults: Faults, data: st.DataObject
) -> None:
    document = data.draw(real.requests.documents(operation))
    body = json.dumps(document).encode()
    ask(operation, body, real, faults)


@for_each_operation
@FEW
@given(data=st.data())
def test_bodies_of_every_kind(
    operation: str, real: Property, faults: Faults, data: st.DataObject
) -> None:
    body = data.draw(real.requests.bodies(operation))
    ask(operation, body, real, faults)


@for_each_operation
def test_bodies_that_are_no_requests(operation: str, real: Property, faults: Faults) -> None:
    for body in NOT_REQUESTS:
        ask(operation, body, real, faults)


def test_these_are_all_operations_that_there_are() -> None:
    assert set(SERVED) == set(MODEL.operation_names)


def test_a_target_that_is_not_utf8_is_an_unknown_operation(real: Property, faults: Faults) -> None:
    """Found by `make fuzz`: the audit record of such a request could not be written."""
    for target in ("Trent\udcffervice.Sign", TARGET_PREFIX + "Sign\udcff", "\udcff"):
        response = real.region.kms.send(target, b"{}")
        assert (response.status, json.loads(response.body)["__type"]) == (
            400,
            "UnknownOperationException",
        )
    assert not faults.found

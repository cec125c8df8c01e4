"""Bodies that will succeed, from servers that were seen to be right."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from bench import operations
from bench.errors import BenchError
from bench.plan import HONEST, OPERATIONS


class Fake:
    """An honest KMS in memory whose ciphertext is the request; `gives` replaces plaintexts."""

    def __init__(self, gives: bytes | None = None) -> None:
        self._gives = gives
        self.called: list[str] = []

    def __call__(self, operation: str, body: bytes) -> Mapping[str, Any]:
        self.called.append(operation)
        request = json.loads(body)
        if operation == "CreateKey":
            return {"KeyMetadata": {"KeyId": f"key {len(self.called)}"}}
        if operation in ("GenerateMac", "Sign"):
            return {"Signature": f"of {request['Message']}"}
        if operation == "Verify":
            assert request["Signature"] == f"of {request['Message']}"
            return {"SignatureValid": True}
        if operation == "Decrypt":
            sealed = json.loads(request["CiphertextBlob"])
            assert sealed["EncryptionContext"] == request["EncryptionContext"]
            return {"Plaintext": sealed["Plaintext"] if self._gives is None else self._gives}
        plaintext = request.get("Plaintext", b64encode(b"a data key").decode())
        sealed = {"Plaintext": plaintext, "EncryptionContext": request["EncryptionContext"]}
        return {"CiphertextBlob": json.dumps(sealed), "Plaintext": plaintext}


def test_a_right_server_passes() -> None:
    fake = Fake()
    operations.check(fake, "key")
    assert set(fake.called) == set(HONEST)


def test_a_server_that_gives_another_plaintext_is_not_measured() -> None:
    with pytest.raises(BenchError, match="another plaintext"):
        operations.check(Fake(gives=b64encode(b"something else")), "key")


def test_every_operation_has_a_key_of_its_own() -> None:
    fake = Fake()
    assert len({operations.create_key(each, fake) for each in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_bodies_differ_and_are_accepted(operation: str) -> None:
    fake = Fake()
    made = operations.bodies(operation, fake, "key", 20)
    assert len(set(made)) == 20
    for body in made:
        fake(operation, body)

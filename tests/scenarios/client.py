"""A client of one region under test: signs every request, and raises what it is refused with.

It speaks AWS JSON 1.1 itself, so that a test sees error types and texts as they are on the wire.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from node.model.principal import Credential
from node.wire import sigv4
from node.wire.messages import WireRequest, WireResponse
from node.wire.operation_names import TARGET_PREFIX

BLOBS = frozenset(
    {
        "CiphertextBlob",
        "ImportToken",
        "Mac",
        "Plaintext",
        "PrivateKeyCiphertextBlob",
        "PrivateKeyPlaintext",
        "PublicKey",
        "SharedSecret",
        "SharedSecretCiphertextBlob",
        "Signature",
    }
)
SOURCE_ADDRESS = "192.0.2.1"

Answer = dict[str, Any]


class Refused(Exception):
    """An error as the wire has it; the message is "" where there is none."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


@contextmanager
def refused(code: str, message: str | None = None) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """The block is refused with this error; with this very text, where one is given."""
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.code == code, caught.value
    if message is not None:
        assert caught.value.message == message


class Kms:
    """Calls of one principal to one region: `kms("Encrypt", KeyId=…, Plaintext=b"…")`."""

    def __init__(
        self,
        handle: Callable[[WireRequest], WireResponse],
        credential: Credential,
        region: str,
        now: Callable[[], float],
        token: str | None = None,
    ) -> None:
        """`token` is the session token that goes with temporary credentials."""
        self._handle = handle
        self.token = token
        self._credential = credential
        self._scope = sigv4.Scope(region, "kms")
        self._now = now
        self.region = region

    @property
    def credential(self) -> Credential:
        """The access key of the principal who calls."""
        return self._credential

    def handle(self, request: WireRequest) -> WireResponse:
        """The response to a request that somebody else has signed."""
        return self._handle(request)

    @property
    def account(self) -> str:
        """The account of the principal who calls."""
        return self._credential.principal.account

    @property
    def principal_arn(self) -> str:
        """The ARN of the principal who calls."""
        return self._credential.principal.arn

    def __call__(self, operation: str, **members: Any) -> Answer:
        """The answer of an operation. Raises Refused."""
        response = self.send(TARGET_PREFIX + operation, json.dumps(members, default=_blob).encode())
        return answer_of(response)

    def admin(self, operation: str, **members: Any) -> Answer:
        """The answer of one of Keyspan's own operations. Raises Refused."""
        return answer_of(self.send(f"Keyspan.{operation}", json.dumps(members).encode()))

    def status(self) -> Answer:
        """The answer of Keyspan.GetStatus."""
        return self.admin("GetStatus")

    def send(self, target: str, body: bytes) -> WireResponse:
        """The response to any body at all, signed."""
        return self._handle(self.signed(target, body))

    def request(self, operation: str, **members: Any) -> WireRequest:
        """The signed request of an operation, for the region to handle beside others."""
        return self.signed(TARGET_PREFIX + operation, json.dumps(members, default=_blob).encode())

    def signed(self, target: str, body: bytes) -> WireRequest:
        """Any body at all, signed."""
        headers = {
            "host": "kms.test",
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": target,
        }
        if self.token is not None:
            headers["x-amz-security-token"] = self.token
        bare = WireRequest("POST", "/", "", headers, body, SOURCE_ADDRESS)
        signature = sigv4.sign(
            bare,
            self._credential.access_key_id,
            self._credential.secret,
            self._scope,
            self._now(),
        )
        return WireRequest("POST", "/", "", {**headers, **signature}, body, SOURCE_ADDRESS)

    # What nearly every test needs

    def key(self, **members: Any) -> str:
        """A new key's ID."""
        return str(self("CreateKey", **members)["KeyMetadata"]["KeyId"])

    def metadata(self, key_id: str) -> Answer:
        """A key's KeyMetadata."""
        metadata: Answer = self("DescribeKey", KeyId=key_id)["KeyMetadata"]
        return metadata

    def arn(self, key_id: str, region: str | None = None) -> str:
        """The ARN of a key of the caller's account, here or in another region."""
        return f"arn:aws:kms:{region or self.region}:{self.account}:key/{key_id}"

    def alias_arn(self, name: str, region: str | None = None) -> str:
        """The ARN of an alias of the caller's account, here or in another region."""
        return f"arn:aws:kms:{region or self.region}:{self.account}:{name}"

    def encrypt(self, key_id: str, plaintext: bytes = b"attack at dawn", **members: Any) -> bytes:
        """A ciphertext under a key."""
        blob: bytes = self("Encrypt", KeyId=key_id, Plaintext=plaintext, **members)[
            "CiphertextBlob"
        ]
        return blob

    def decrypt(self, blob: bytes, **members: Any) -> bytes:
        """The plaintext of a ciphertext."""
        plaintext: bytes = self("Decrypt", CiphertextBlob=blob, **members)["Plaintext"]
        return plaintext


def answer_of(response: WireResponse) -> Answer:
    """The members of an answer, blobs decoded; an empty body has none. Raises Refused."""
    body: Answer = json.loads(response.body) if response.body else {}
    if response.status != 200:
        raise Refused(response.status, body["__type"], body.get("message", ""))
    return {
        name: base64.b64decode(value) if name in BLOBS else value for name, value in body.items()
    }


def _blob(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")

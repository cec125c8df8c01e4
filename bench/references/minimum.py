"""The least that an honest KMS can do for a request, whatever HTTP server is in front of it.

It hashes the body, verifies the SigV4 signature with a cached signing key, decodes the JSON, does
AES-256-GCM bound to the encryption context, and encodes the answer. No policy, no state, no audit,
no store, no exact errors: what is beyond this, a KMS adds for its users.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CONTENT_TYPE = "application/x-amz-json-1.1"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(([^/]+)/([^/]+)/([^/]+)/aws4_request), "
    r"SignedHeaders=([^,]+), Signature=(.+)"
)
NONCE_SIZE = 12
SKEW_SECONDS = 300.0


class Request(msgspec.Struct, rename="pascal"):
    """What the three operations take."""

    key_id: str = ""
    plaintext: bytes = b""
    ciphertext_blob: bytes = b""
    encryption_context: dict[str, str] = {}


decode = msgspec.json.Decoder(Request).decode
encode = msgspec.json.Encoder().encode


class Minimum:
    """One access key, one key."""

    def __init__(self, access_key_id: str, secret: str) -> None:
        self._access_key_id = access_key_id
        self._secret = secret
        self._cipher = AESGCM(os.urandom(32))
        self._operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "TrentService.Encrypt": self._encrypt,
            "TrentService.Decrypt": self._decrypt,
            "TrentService.GenerateDataKey": self._generate_data_key,
        }
        self._signing_key = lru_cache(self._derived)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The body of the answer, or nothing for who has not signed. `headers` by any case."""
        if not self._signed(method, path, headers, body):
            return b""
        return encode(self._operations[headers["x-amz-target"]](decode(body)))

    def _signed(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        found = AUTHORIZATION.fullmatch(headers["authorization"])
        timestamp = headers["x-amz-date"]
        if found is None:
            return False
        access_key_id, scope, date, region, service, names, signature = found.groups()
        age = time.time() - datetime.fromisoformat(timestamp).timestamp()
        lines = "".join(f"{name}:{headers[name]}\n" for name in names.split(";"))
        payload = hashlib.sha256(body).hexdigest()
        canonical = f"{method}\n{path}\n\n{lines}\n{names}\n{payload}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}".encode()
        expected = hmac.digest(self._signing_key(date, region, service), to_sign, "sha256").hex()
        return (
            access_key_id == self._access_key_id
            and abs(age) < SKEW_SECONDS
            and hmac.compare_digest(expected, signature)
        )

    def _derived(self, date: str, region: str, service: str) -> bytes:
        key = f"AWS4{self._secret}".encode()
        for part in (date, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key

    def _encrypt(self, request: Request) -> dict[str, Any]:
        return {"KeyId": request.key_id, "CiphertextBlob": self._sealed(request.plaintext, request)}

    def _decrypt(self, request: Request) -> dict[str, Any]:
        nonce, sealed = request.ciphertext_blob[:NONCE_SIZE], request.ciphertext_blob[NONCE_SIZE:]
        return {"Plaintext": self._cipher.decrypt(nonce, sealed, context(request))}

    def _generate_data_key(self, request: Request) -> dict[str, Any]:
        data_key = os.urandom(32)
        return {"Plaintext": data_key, "CiphertextBlob": self._sealed(data_key, request)}

    def _sealed(self, plaintext: bytes, request: Request) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, plaintext, context(request))


def context(request: Request) -> bytes:
    return json.dumps(sorted(request.encryption_context.items())).encode()


def minimum(credentials: Path) -> Minimum:
    """The minimum for the access key in a file."""
    access_key = json.loads(credentials.read_bytes())
    return Minimum(access_key["access_key_id"], access_key["secret_access_key"])

"""Reference (e): the least that an honest KMS can do for a request, on an aiohttp Application.

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
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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
    """The server: one access key, one key."""

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

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._signed(request, body):
            return web.Response(status=403)
        operation = self._operations[request.headers["X-Amz-Target"]]
        return web.Response(
            body=encode(operation(decode(body))), content_type="application/x-amz-json-1.1"
        )

    def _signed(self, request: web.Request, body: bytes) -> bool:
        found = AUTHORIZATION.fullmatch(request.headers["Authorization"])
        timestamp = request.headers["X-Amz-Date"]
        if found is None:
            return False
        access_key_id, scope, date, region, service, names, signature = found.groups()
        age = time.time() - datetime.fromisoformat(timestamp).timestamp()
        headers = "".join(f"{name}:{request.headers[name]}\n" for name in names.split(";"))
        payload = hashlib.sha256(body).hexdigest()
        canonical = f"{request.method}\n{request.raw_path}\n\n{headers}\n{names}\n{payload}"
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


async def application(access_key: dict[str, str]) -> web.Application:
    minimum = Minimum(access_key["access_key_id"], access_key["secret_access_key"])
    server = web.Application()
    server.router.add_post("/", minimum.answer)
    return server


if __name__ == "__main__":
    loop = uvloop.new_event_loop()
    made = application(json.loads(Path(sys.argv[2]).read_bytes()))
    web.run_app(
        made, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None, loop=loop
    )

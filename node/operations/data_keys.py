"""GenerateDataKey, GenerateDataKeyWithoutPlaintext and GenerateRandom."""

from __future__ import annotations

from typing import Final

from crypto.context import canonical_context
from crypto.specs import SYMMETRIC_DEFAULT
from crypto.symmetric import SymmetricCipher
from node.hot.at_hand import HotKey
from node.model.errors import DryRunSucceeded, Validation
from node.operations.custom_key_stores import no_such_store
from node.operations.recipient import refuse_recipient
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.data_keys import (
    GenerateDataKeyRequest,
    GenerateDataKeyResponse,
    GenerateDataKeyWithoutPlaintextRequest,
    GenerateDataKeyWithoutPlaintextResponse,
    GenerateRandomRequest,
    GenerateRandomResponse,
)

DATA_KEY_BYTES: Final = {"AES_128": 16, "AES_256": 32}


class DataKeys:
    """The operations of one region that make random bytes."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._access = services.access
        self._randomness = services.randomness
        self._resolver = resolver

    async def generate_data_key(
        self, call: Call, request: GenerateDataKeyRequest
    ) -> GenerateDataKeyResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html"""
        refuse_recipient(request.recipient)
        hot, plaintext, blob = await self._data_key("GenerateDataKey", call, request)
        return GenerateDataKeyResponse(
            ciphertext_blob=blob,
            plaintext=plaintext,
            key_id=hot.arn,
            key_material_id=hot.key.current_material,
        )

    async def generate_data_key_without_plaintext(
        self, call: Call, request: GenerateDataKeyWithoutPlaintextRequest
    ) -> GenerateDataKeyWithoutPlaintextResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html"""
        hot, _, blob = await self._data_key("GenerateDataKeyWithoutPlaintext", call, request)
        return GenerateDataKeyWithoutPlaintextResponse(
            ciphertext_blob=blob, key_id=hot.arn, key_material_id=hot.key.current_material
        )

    async def generate_random(
        self, call: Call, request: GenerateRandomRequest
    ) -> GenerateRandomResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html"""
        refuse_recipient(request.recipient)
        if request.number_of_bytes is None:
            raise Validation("NumberOfBytes is required.")
        await self._access.on_account(call, "kms:GenerateRandom", request)
        if request.custom_key_store_id is not None:
            raise no_such_store(request.custom_key_store_id)
        return GenerateRandomResponse(plaintext=self._randomness(request.number_of_bytes))

    async def _data_key(
        self,
        operation: str,
        call: Call,
        request: GenerateDataKeyRequest | GenerateDataKeyWithoutPlaintextRequest,
    ) -> tuple[HotKey, bytes, bytes]:
        """The key used, a fresh data key, and the same encrypted under the key."""
        size = _size(request.key_spec, request.number_of_bytes)
        hot = await self._resolver.to_use(
            operation, call, request, request.key_id, SYMMETRIC_DEFAULT.name
        )
        if request.dry_run:
            raise DryRunSucceeded
        plaintext = self._randomness(size)
        context = canonical_context(request.encryption_context)
        cipher = hot.current(SymmetricCipher)
        return hot, plaintext, cipher.encrypt(plaintext, context, self._randomness)


def _size(key_spec: str | None, number_of_bytes: int | None) -> int:
    if key_spec is None and number_of_bytes is None:
        raise Validation("Please specify either number of bytes or key spec.")
    if number_of_bytes is None:
        return DATA_KEY_BYTES[key_spec or ""]
    if key_spec is not None:
        raise Validation("Please specify either number of bytes or key spec.")
    return number_of_bytes

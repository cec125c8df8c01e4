"""Encrypt, Decrypt and ReEncrypt: the hot path reads from top to bottom here.

No SQL, no Redis, no thread for a symmetric key in memory (decision D10).
"""

from __future__ import annotations

from collections.abc import Sequence

from node.model.errors import DryRunSucceeded, Validation
from node.model.state import check_state
from node.operations.ciphertexts import (
    SYMMETRIC,
    Ciphertexts,
    check_context,
    check_plaintext,
)
from node.operations.recipient import refuse_recipient
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.encryption import (
    DecryptRequest,
    DecryptResponse,
    EncryptRequest,
    EncryptResponse,
    ReEncryptRequest,
    ReEncryptResponse,
)

IGNORE_CIPHERTEXT = "IGNORE_CIPHERTEXT"


class Encryption:
    """The encryption operations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._ciphertexts = Ciphertexts(services, resolver)
        self._resolver = resolver

    async def encrypt(self, call: Call, request: EncryptRequest) -> EncryptResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html"""
        algorithm = request.encryption_algorithm or SYMMETRIC
        hot = await self._resolver.to_use("Encrypt", call, request, request.key_id, algorithm)
        check_context(hot.key, request.encryption_context)
        check_plaintext(hot.key, algorithm, len(request.plaintext))
        if request.dry_run:
            raise DryRunSucceeded
        made = await self._ciphertexts.seal(
            hot, algorithm, request.plaintext, request.encryption_context
        )
        return EncryptResponse(
            ciphertext_blob=made.blob, key_id=hot.arn, encryption_algorithm=algorithm
        )

    async def decrypt(self, call: Call, request: DecryptRequest) -> DecryptResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html"""
        refuse_recipient(request.recipient)
        algorithm = request.encryption_algorithm or SYMMETRIC
        if request.dry_run and _ignores_ciphertext(request.dry_run_modifiers):
            key_id = _given(request.key_id)
            await self._resolver.to_use("Decrypt", call, request, key_id, algorithm)
            raise DryRunSucceeded
        found = await self._ciphertexts.find(
            "Decrypt", call, request, request.ciphertext_blob, request.key_id, algorithm
        )
        check_state("Decrypt", found.hot.key)
        plaintext = await self._ciphertexts.open(found, request.encryption_context)
        if request.dry_run:
            raise DryRunSucceeded
        return DecryptResponse(
            key_id=found.hot.arn,
            plaintext=plaintext,
            encryption_algorithm=algorithm,
            key_material_id=found.material_id,
        )

    async def re_encrypt(self, call: Call, request: ReEncryptRequest) -> ReEncryptResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html"""
        asked = request.source_encryption_algorithm or SYMMETRIC
        algorithm = request.destination_encryption_algorithm or SYMMETRIC
        blob = request.ciphertext_blob
        facts = await self._ciphertexts.on_same_key(
            call, blob, request.source_key_id, request.destination_key_id
        )
        destination = await self._resolver.to_use(
            "ReEncrypt",
            call,
            request,
            request.destination_key_id,
            algorithm,
            action="ReEncryptTo",
            facts=facts,
        )
        check_context(destination.key, request.destination_encryption_context)
        if request.dry_run and _ignores_ciphertext(request.dry_run_modifiers):
            key_id = _given(request.source_key_id)
            await self._resolver.to_use(
                "ReEncrypt", call, request, key_id, asked, action="ReEncryptFrom", facts=facts
            )
            raise DryRunSucceeded
        old = await self._ciphertexts.find(
            "ReEncrypt",
            call,
            request,
            blob,
            request.source_key_id,
            asked,
            action="ReEncryptFrom",
            facts=facts,
        )
        check_state("ReEncrypt", old.hot.key)
        plaintext = await self._ciphertexts.open(old, request.source_encryption_context)
        check_plaintext(destination.key, algorithm, len(plaintext))
        if request.dry_run:
            raise DryRunSucceeded
        new = await self._ciphertexts.seal(
            destination, algorithm, plaintext, request.destination_encryption_context
        )
        return ReEncryptResponse(
            ciphertext_blob=new.blob,
            source_key_id=old.hot.arn,
            key_id=destination.arn,
            source_encryption_algorithm=asked,
            destination_encryption_algorithm=algorithm,
            source_key_material_id=old.material_id,
            destination_key_material_id=new.material_id,
        )


def _ignores_ciphertext(modifiers: Sequence[str] | None) -> bool:
    """Whether a dry run only asks if the caller may use the key, whatever the ciphertext."""
    return IGNORE_CIPHERTEXT in (modifiers or ())


def _given(key_id: str | None) -> str:
    if key_id is None:
        raise Validation("KeyId is required when the ciphertext is ignored.")
    return key_id

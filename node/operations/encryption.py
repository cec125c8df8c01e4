"""Encrypt, Decrypt and ReEncrypt: the hot path reads from top to bottom here.

No SQL, no Redis, no thread for a key in memory (decision D10). Whatever does not open is
InvalidCiphertextException without a word about why (decision D2).
"""

from __future__ import annotations

from collections.abc import Sequence

from crypto.ciphertext import Ciphertext, decode
from crypto.context import canonical_context
from crypto.errors import InvalidCiphertext as DoesNotOpen
from node.access.authorise import authorise, ciphertext_denied
from node.hot.view import HotKey
from node.model.errors import DryRunSucceeded, IncorrectKey, InvalidCiphertext, Validation
from node.model.state import check_state
from node.operations.recipient import refuse_recipient
from node.operations.resolve import Resolver, check_algorithm, check_grant_tokens
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
_NO_CIPHERTEXT = (
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: "
    "Member must not be null"
)


class Encryption:
    """The encryption operations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def encrypt(self, call: Call, request: EncryptRequest) -> EncryptResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html"""
        hot = await self._resolver.to_use(
            "Encrypt", call, request.key_id, request.encryption_algorithm, request.grant_tokens
        )
        if request.dry_run:
            raise DryRunSucceeded
        context = canonical_context(request.encryption_context)
        blob = hot.current.encrypt(request.plaintext, context, self._services.randomness)
        return EncryptResponse(
            ciphertext_blob=blob, key_id=hot.key.arn, encryption_algorithm="SYMMETRIC_DEFAULT"
        )

    async def decrypt(self, call: Call, request: DecryptRequest) -> DecryptResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html"""
        refuse_recipient(request.recipient)
        if _ignores_ciphertext(request.dry_run, request.dry_run_modifiers):
            key_id, algorithm = _given(request.key_id), request.encryption_algorithm
            await self._resolver.to_use("Decrypt", call, key_id, algorithm, request.grant_tokens)
            raise DryRunSucceeded
        hot, ciphertext = await self._opener(
            "Decrypt", "Decrypt", call, request.key_id, request.ciphertext_blob
        )
        check_algorithm(hot.key, request.encryption_algorithm)
        check_grant_tokens(request.grant_tokens)
        check_state("Decrypt", hot.key)
        plaintext = await self._open(hot, ciphertext, request.encryption_context)
        if request.dry_run:
            raise DryRunSucceeded
        return DecryptResponse(
            key_id=hot.key.arn,
            plaintext=plaintext,
            encryption_algorithm="SYMMETRIC_DEFAULT",
            key_material_id=ciphertext.material_id,
        )

    async def re_encrypt(self, call: Call, request: ReEncryptRequest) -> ReEncryptResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html"""
        destination = await self._resolver.to_use(
            "ReEncrypt",
            call,
            request.destination_key_id,
            request.destination_encryption_algorithm,
            request.grant_tokens,
            action="ReEncryptTo",
        )
        if _ignores_ciphertext(request.dry_run, request.dry_run_modifiers):
            key_id, algorithm = _given(request.source_key_id), request.source_encryption_algorithm
            await self._resolver.to_use(
                "ReEncrypt", call, key_id, algorithm, action="ReEncryptFrom"
            )
            raise DryRunSucceeded
        source, ciphertext = await self._opener(
            "ReEncrypt", "ReEncryptFrom", call, request.source_key_id, request.ciphertext_blob
        )
        check_algorithm(source.key, request.source_encryption_algorithm)
        check_state("ReEncrypt", source.key)
        plaintext = await self._open(source, ciphertext, request.source_encryption_context)
        if request.dry_run:
            raise DryRunSucceeded
        context = canonical_context(request.destination_encryption_context)
        cipher = destination.current
        return ReEncryptResponse(
            ciphertext_blob=cipher.encrypt(plaintext, context, self._services.randomness),
            source_key_id=source.key.arn,
            key_id=destination.key.arn,
            source_encryption_algorithm="SYMMETRIC_DEFAULT",
            destination_encryption_algorithm="SYMMETRIC_DEFAULT",
            source_key_material_id=ciphertext.material_id,
            destination_key_material_id=cipher.material_id,
        )

    async def _opener(
        self, operation: str, action: str, call: Call, key_id: str | None, blob: bytes | None
    ) -> tuple[HotKey, Ciphertext]:
        """The key of a ciphertext, found and authorised; it must be `key_id` if that is given."""
        if blob is None:
            raise Validation(_NO_CIPHERTEXT)
        if key_id is None:
            ciphertext = _decoded(blob)
            hot = await self._services.view.any_key(ciphertext.key_id)
            if hot is None or hot.key.account != call.principal.account:
                raise ciphertext_denied(call.principal, f"kms:{action}")
        else:
            hot = await self._resolver.named(operation, call, key_id)
            authorise(call.principal, f"kms:{action}", hot.key.account, hot.key.arn)
            ciphertext = _decoded(blob)
        if hot.key.key_id != ciphertext.key_id:
            raise IncorrectKey
        return hot, ciphertext

    async def _open(
        self, hot: HotKey, ciphertext: Ciphertext, context: dict[str, str] | None
    ) -> bytes:
        cipher = hot.ciphers.get(ciphertext.material_id)
        if cipher is None:  # another node of this region may have stored it just now
            again = await self._services.view.reloaded_key(hot.key.key_id)
            cipher = again.ciphers.get(ciphertext.material_id) if again is not None else None
        if cipher is None:
            raise InvalidCiphertext
        try:
            return cipher.decrypt(ciphertext, canonical_context(context))
        except DoesNotOpen:
            raise InvalidCiphertext from None


def _ignores_ciphertext(dry_run: bool | None, modifiers: Sequence[str] | None) -> bool:
    """Whether it is only asked if the caller may use the key, whatever the ciphertext."""
    return bool(dry_run) and IGNORE_CIPHERTEXT in (modifiers or ())


def _given(key_id: str | None) -> str:
    if key_id is None:
        raise Validation("KeyId is required when the ciphertext is ignored.")
    return key_id


def _decoded(blob: bytes) -> Ciphertext:
    try:
        return decode(blob)
    except DoesNotOpen:
        raise InvalidCiphertext from None

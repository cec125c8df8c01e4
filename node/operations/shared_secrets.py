"""DeriveSharedSecret, Encapsulate and Decapsulate: two parties come to one secret."""

from __future__ import annotations

from functools import partial
from typing import cast

from crypto.errors import InvalidCiphertext as DoesNotOpen
from crypto.errors import InvalidPublicKey
from crypto.specs import Work
from crypto.uses import Agreement, Encapsulation
from node.hot.work import CallThreads
from node.model.errors import DryRunSucceeded, InvalidCiphertext, Validation
from node.model.key import Key
from node.operations.recipient import refuse_recipient
from node.operations.resolve import Resolver
from node.wire.messages import Call
from node.wire.shapes import types
from node.wire.shapes.shared_secrets import (
    DecapsulateRequest,
    DecapsulateResponse,
    DeriveSharedSecretRequest,
    DeriveSharedSecretResponse,
    EncapsulateRequest,
    EncapsulateResponse,
)


class SharedSecrets:
    """The operations of one region that end in a shared secret."""

    def __init__(self, resolver: Resolver, threads: CallThreads) -> None:
        self._resolver = resolver
        self._threads = threads

    async def derive_shared_secret(
        self, call: Call, request: DeriveSharedSecretRequest
    ) -> DeriveSharedSecretResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html"""
        refuse_recipient(request.recipient)
        algorithm = request.key_agreement_algorithm
        hot = await self._resolver.to_use(
            "DeriveSharedSecret", call, request, request.key_id, algorithm
        )
        agreement = hot.current(Agreement)
        try:
            work = partial(agreement.agree, request.public_key)
            secret = await self._threads.done(agreement, Work.AGREE, work)
        except InvalidPublicKey:
            raise Validation("") from None  # KMS says nothing more
        if request.dry_run:
            raise DryRunSucceeded
        return DeriveSharedSecretResponse(
            key_id=hot.key.arn,
            shared_secret=secret,
            key_agreement_algorithm=algorithm,
            key_origin=cast("types.Origin", hot.key.origin),
        )

    async def encapsulate(self, call: Call, request: EncapsulateRequest) -> EncapsulateResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html"""
        key, encapsulation = await self._encapsulation("Encapsulate", call, request)
        if request.dry_run:
            raise DryRunSucceeded
        secret, encapsulated = await self._threads.done(
            encapsulation, Work.ENCAPSULATE, encapsulation.encapsulate
        )
        return EncapsulateResponse(
            key_id=key.arn,
            shared_secret=secret,
            shared_secret_ciphertext_blob=encapsulated,
            encapsulation_algorithm=request.encapsulation_algorithm,
        )

    async def decapsulate(self, call: Call, request: DecapsulateRequest) -> DecapsulateResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html"""
        key, encapsulation = await self._encapsulation("Decapsulate", call, request)
        work = partial(encapsulation.decapsulate, request.shared_secret_ciphertext_blob)
        try:
            secret = await self._threads.done(encapsulation, Work.DECAPSULATE, work)
        except DoesNotOpen:
            raise InvalidCiphertext from None
        if request.dry_run:
            raise DryRunSucceeded
        return DecapsulateResponse(
            key_id=key.arn,
            shared_secret=secret,
            encapsulation_algorithm=request.encapsulation_algorithm,
        )

    async def _encapsulation(
        self, operation: str, call: Call, request: EncapsulateRequest | DecapsulateRequest
    ) -> tuple[Key, Encapsulation]:
        hot = await self._resolver.to_use(
            operation, call, request, request.key_id, request.encapsulation_algorithm
        )
        return hot.key, hot.current(Encapsulation)

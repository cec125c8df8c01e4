"""Sign and Verify."""

from __future__ import annotations

from functools import partial

from crypto.errors import InvalidSignature
from crypto.messages import MESSAGE_FORMS, MessageType
from crypto.specs import Work
from crypto.uses import Signer
from node.hot.work import CallThreads
from node.model.errors import DryRunSucceeded, KmsInvalidSignature, Validation
from node.model.key import Key
from node.operations.resolve import Resolver
from node.wire.messages import Call
from node.wire.shapes.signing import SignRequest, SignResponse, VerifyRequest, VerifyResponse


class Signing:
    """The signing operations of one region."""

    def __init__(self, resolver: Resolver, threads: CallThreads) -> None:
        self._resolver = resolver
        self._threads = threads

    async def sign(self, call: Call, request: SignRequest) -> SignResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"""
        key, signer, message_type = await self._signer("Sign", call, request)
        if request.dry_run:
            raise DryRunSucceeded
        algorithm = request.signing_algorithm
        work = partial(signer.sign, algorithm, request.message, message_type)
        signature = await self._threads.done(signer, Work.SIGN, work)
        return SignResponse(key_id=key.arn, signature=signature, signing_algorithm=algorithm)

    async def verify(self, call: Call, request: VerifyRequest) -> VerifyResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html"""
        key, signer, message_type = await self._signer("Verify", call, request)
        algorithm = request.signing_algorithm
        work = partial(signer.verify, algorithm, request.message, message_type, request.signature)
        try:
            await self._threads.done(signer, Work.VERIFY, work)
        except InvalidSignature:
            raise KmsInvalidSignature from None
        if request.dry_run:
            raise DryRunSucceeded
        return VerifyResponse(key_id=key.arn, signature_valid=True, signing_algorithm=algorithm)

    async def _signer(
        self, operation: str, call: Call, request: SignRequest | VerifyRequest
    ) -> tuple[Key, Signer, MessageType]:
        """The key, its key object, and the type of a message that it takes."""
        algorithm = request.signing_algorithm
        hot = await self._resolver.to_use(operation, call, request, request.key_id, algorithm)
        message_type = MessageType(request.message_type or MessageType.RAW)
        _check_message(hot.key, algorithm, message_type, len(request.message))
        return hot.key, hot.current(Signer), message_type


def _check_message(key: Key, algorithm: str, message_type: MessageType, size: int) -> None:
    """Raise Validation unless the algorithm takes messages of this type and size."""
    forms = MESSAGE_FORMS[algorithm]
    if message_type not in forms.sizes:
        raise Validation(
            f"Message type {message_type} is incompatible with key spec {key.key_spec}."
        )
    if not forms.takes(message_type, size):
        raise Validation(f"Digest is invalid length for algorithm {algorithm}.")

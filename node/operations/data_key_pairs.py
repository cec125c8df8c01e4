"""GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from crypto.context import canonical_context
from crypto.keys import KeyPair, generate_pair
from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT, KeySpec
from crypto.symmetric import SymmetricCipher
from node.hot.work import generated
from node.model.errors import DryRunSucceeded, UnsupportedOperation
from node.operations.recipient import refuse_recipient
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.data_key_pairs import (
    GenerateDataKeyPairRequest,
    GenerateDataKeyPairResponse,
    GenerateDataKeyPairWithoutPlaintextRequest,
    GenerateDataKeyPairWithoutPlaintextResponse,
)


@dataclass(frozen=True, slots=True)
class _DataKeyPair:
    """A fresh key pair, and what its private half is encrypted under and to."""

    pair: KeyPair
    arn: str
    material_id: str
    blob: bytes


class DataKeyPairs:
    """The operations of one region that make key pairs for use outside."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def generate_data_key_pair(
        self, call: Call, request: GenerateDataKeyPairRequest
    ) -> GenerateDataKeyPairResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html"""
        refuse_recipient(request.recipient)
        made = await self._made("GenerateDataKeyPair", call, request)
        return GenerateDataKeyPairResponse(
            private_key_ciphertext_blob=made.blob,
            private_key_plaintext=made.pair.private,
            public_key=made.pair.public,
            key_id=made.arn,
            key_pair_spec=request.key_pair_spec,
            key_material_id=made.material_id,
        )

    async def generate_data_key_pair_without_plaintext(
        self, call: Call, request: GenerateDataKeyPairWithoutPlaintextRequest
    ) -> GenerateDataKeyPairWithoutPlaintextResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html"""
        made = await self._made("GenerateDataKeyPairWithoutPlaintext", call, request)
        return GenerateDataKeyPairWithoutPlaintextResponse(
            private_key_ciphertext_blob=made.blob,
            public_key=made.pair.public,
            key_id=made.arn,
            key_pair_spec=request.key_pair_spec,
            key_material_id=made.material_id,
        )

    async def _made(
        self,
        operation: str,
        call: Call,
        request: GenerateDataKeyPairRequest | GenerateDataKeyPairWithoutPlaintextRequest,
    ) -> _DataKeyPair:
        hot = await self._resolver.to_use(
            operation, call, request, request.key_id, SYMMETRIC_DEFAULT.name
        )
        spec = _pair_spec(request.key_pair_spec)
        if request.dry_run:
            raise DryRunSucceeded
        randomness = self._services.randomness
        pair = await generated(spec, partial(generate_pair, spec, randomness))
        cipher = hot.current(SymmetricCipher)
        context = canonical_context(request.encryption_context)
        blob = cipher.encrypt(pair.private, context, randomness)
        return _DataKeyPair(pair, hot.key.arn, cipher.material_id, blob)


def _pair_spec(name: str) -> KeySpec:
    spec = KEY_SPECS.get(name)
    if spec is None:
        raise UnsupportedOperation(f"KeyPairSpec {name} is not supported in this Region.")
    return spec

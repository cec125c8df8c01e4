"""GetParametersForImport, ImportKeyMaterial and DeleteImportedKeyMaterial."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from crypto import errors as crypto_errors
from crypto.imports import (
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SPECS,
    ImportToken,
    new_parameters,
)
from crypto.material import KeyMaterial
from node.importer import Importer
from node.model.errors import (
    ExpiredImportToken,
    IncorrectKeyMaterial,
    InvalidCiphertext,
    InvalidImportToken,
    NotFound,
    UnsupportedOperation,
)
from node.model.imports import Terms, check_external, check_terms, valid_to
from node.model.key import Key
from node.model.state import check_state
from node.operations.changing import to_change
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.imports import (
    DeleteImportedKeyMaterialRequest,
    DeleteImportedKeyMaterialResponse,
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
    ImportKeyMaterialResponse,
)

TOKEN_SECONDS: Final = 86_400
GENERATED_AT_ONCE: Final = 1
"""Wrapping keys that are generated at once: RSA_4096 takes seconds of a core, and KMS itself lets
an account ask for one a second."""


class Imports:
    """The operations of one region on imported key material."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver
        self._importer = Importer(services.primary, services.log, services.clock)
        self._generating = asyncio.Semaphore(GENERATED_AT_ONCE)

    async def get_parameters_for_import(
        self, call: Call, request: GetParametersForImportRequest
    ) -> GetParametersForImportResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html"""
        services = self._services
        key = await self._resolver.to_read("GetParametersForImport", call, request)
        check_external(key)
        wrapping = request.wrapping_algorithm, request.wrapping_key_spec
        _check_wrapping(key, *wrapping)
        check_state("GetParametersForImport", key)
        until = int(services.clock.now()) + TOKEN_SECONDS
        async with self._generating:
            made = await asyncio.to_thread(
                new_parameters,
                services.root_keys,
                services.region,
                key.key_id,
                wrapping,
                until,
                services.randomness,
            )
        return GetParametersForImportResponse(
            key_id=key.arn,
            import_token=made.token,
            public_key=made.public_key,
            parameters_valid_to=float(until),
        )

    async def import_key_material(
        self, call: Call, request: ImportKeyMaterialRequest
    ) -> ImportKeyMaterialResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html"""
        now = self._services.clock.now()
        terms = Terms(
            import_type=request.import_type,
            material_id=request.key_material_id,
            description=request.key_material_description,
            valid_to=valid_to(request.expiration_model, request.valid_to, now),
        )
        key = await self._resolver.to_read("ImportKeyMaterial", call, request)
        check_external(key)
        check_terms(key, terms)
        check_state("ImportKeyMaterial", key)
        token = self._opened(key, request.import_token, now)
        material = await self._unwrapped(key, token, request.encrypted_key_material)
        async with self._services.store.transaction() as transaction:
            key = await self._resolver.current(transaction, key)
            check_terms(key, terms)
            check_state("ImportKeyMaterial", key)
            await self._importer.take(transaction, key, material, terms)
        shown = material.material_id if key.rotates else None
        return ImportKeyMaterialResponse(key_id=key.arn, key_material_id=shown)

    async def delete_imported_key_material(
        self, call: Call, request: DeleteImportedKeyMaterialRequest
    ) -> DeleteImportedKeyMaterialResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html"""
        async with to_change(
            self._resolver, "DeleteImportedKeyMaterial", call, request, suits=check_external
        ) as (transaction, key):
            material_id = _to_delete(key, request.key_material_id)
            if material_id is not None:
                await self._importer.let_go(transaction, key, {material_id})
        return DeleteImportedKeyMaterialResponse(
            key_id=key.arn, key_material_id=material_id if key.rotates else None
        )

    def _opened(self, key: Key, token: bytes, now: float) -> ImportToken:
        services = self._services
        try:
            opened = ImportToken.opened(services.root_keys, services.region, key.key_id, token)
        except crypto_errors.InvalidImportToken:
            raise InvalidImportToken from None
        if opened.valid_to <= now:
            raise ExpiredImportToken
        return opened

    async def _unwrapped(self, key: Key, token: ImportToken, wrapped: bytes) -> KeyMaterial:
        """In a thread: an RSA decryption, and for RSA keys a test of their primes."""
        try:
            return await asyncio.to_thread(partial(token.unwrapped, wrapped, key.key_spec))
        except crypto_errors.InvalidCiphertext:
            raise InvalidCiphertext from None
        except crypto_errors.IncorrectKeyMaterial:
            raise IncorrectKeyMaterial from None
        except crypto_errors.InvalidImportToken:
            raise InvalidImportToken from None


def _check_wrapping(key: Key, algorithm: str, wrapping_key_spec: str) -> None:
    """Raise UnsupportedOperation for a way of wrapping that KMS refuses."""
    way, spec = WRAPPING_ALGORITHMS.get(algorithm), WRAPPING_KEY_SPECS.get(wrapping_key_spec)
    if way is None:
        raise UnsupportedOperation(f"WrappingAlgorithm {algorithm} is not supported.")
    if spec is None:
        raise UnsupportedOperation(
            f"WrappingKeySpec {wrapping_key_spec} is not supported in this Region."
        )
    if not way.carries(spec, key.spec):
        raise UnsupportedOperation(
            f"WrappingAlgorithm {algorithm} with WrappingKeySpec {wrapping_key_spec} is not "
            f"supported for key material of key spec {key.key_spec}."
        )


def _to_delete(key: Key, material_id: str | None) -> str | None:
    """The material that is meant: the one that is named, or the current one, if there is one."""
    if material_id is None:
        return key.materials.current
    if not key.rotates:
        raise UnsupportedOperation(
            f"{key.arn} key spec is {key.key_spec} which is not valid for KeyMaterialId."
        )
    if material_id not in key.materials.associated:
        raise NotFound(f"Key material {material_id} is not associated with {key.arn}.")
    return material_id

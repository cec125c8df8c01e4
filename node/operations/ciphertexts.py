"""What Encrypt, Decrypt and ReEncrypt share: from a ciphertext to its key, and between the two.

A symmetric ciphertext names its key; a bare RSA ciphertext has to be named one. Whatever does not
open is InvalidCiphertextException without a word about why (decision D2).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final, NamedTuple

from crypto.ciphertext import Ciphertext, decode
from crypto.context import canonical_context
from crypto.errors import InvalidCiphertext as DoesNotOpen
from crypto.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT, Work
from crypto.symmetric import SymmetricCipher
from crypto.uses import AsymmetricCipher
from node.access.actions import PREFIX
from node.access.authorise import NO_FACTS, Facts
from node.access.denial import ciphertext_denied
from node.hot.at_hand import HotKey
from node.model.errors import AccessDenied, IncorrectKey, InvalidCiphertext, Validation
from node.model.key import Key
from node.model.usage import check_algorithm
from node.operations.arrivals import Arrivals
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes import types

SYMMETRIC: Final[types.EncryptionAlgorithm] = "SYMMETRIC_DEFAULT"
_NO_CIPHERTEXT: Final = (
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: "
    "Member must not be null"
)

Context = Mapping[str, str] | None


class Found:
    """A ciphertext and its key, which the caller may use. `parts` only if it is symmetric."""

    __slots__ = ("algorithm", "blob", "hot", "parts")

    def __init__(self, hot: HotKey, algorithm: str, blob: bytes, parts: Ciphertext | None) -> None:
        self.hot: Final = hot
        self.algorithm: Final = algorithm
        self.blob: Final = blob
        self.parts: Final = parts

    @property
    def material_id(self) -> str | None:
        """The material that a symmetric ciphertext names."""
        return None if self.parts is None else self.parts.material_id


class Made(NamedTuple):
    """A ciphertext that was just made, and the material if it is symmetric."""

    blob: bytes
    material_id: str | None


class Ciphertexts:
    """Makes and opens the ciphertexts of one region's keys."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._view = services.view
        self._access = services.access
        self._randomness = services.randomness
        self._threads = services.call_threads
        self._resolver = resolver
        self._arrivals = Arrivals(services)

    async def seal(self, hot: HotKey, algorithm: str, plaintext: bytes, context: Context) -> Made:
        """Encrypt under a key that the caller may use. The arguments were checked."""
        if algorithm == SYMMETRIC:
            cipher = hot.current(SymmetricCipher)
            blob = cipher.encrypt(plaintext, canonical_context(context), self._randomness)
            return Made(blob, cipher.material_id)
        bare = hot.current(AsymmetricCipher)
        work = partial(bare.encrypt, algorithm, plaintext)
        blob = await self._threads.done(bare, Work.ENCRYPT, work)
        return Made(blob, None)

    async def find(
        self,
        operation: str,
        call: Call,
        request: object,
        blob: bytes | None,
        key_id: str | None,
        algorithm: str,
        *,
        action: str | None = None,
        facts: Facts = NO_FACTS,
    ) -> Found:
        """The key of a ciphertext, found and authorised; the one that is named, if one is."""
        if blob is None:
            raise Validation(_NO_CIPHERTEXT)
        action = action or operation
        if key_id is None:
            return await self._find_by_blob(action, call, request, blob, algorithm, facts)
        hot = await self._resolver.allowed(
            operation, call, request, key_id, action=action, facts=facts
        )
        if hot.key.key_usage != ENCRYPT_DECRYPT:
            raise IncorrectKey
        parts = None
        if hot.key.spec is SYMMETRIC_DEFAULT:
            parts = _decoded(blob)
            if parts.key_id != hot.key.key_id:
                raise IncorrectKey
        check_algorithm(hot.key, algorithm)
        return Found(hot, algorithm, blob, parts)

    async def open(self, found: Found, context: Context) -> bytes:
        """The plaintext. Raises InvalidCiphertext, or KeyUnavailable if its material may arrive."""
        try:
            if found.parts is None:
                check_context(found.hot.key, context)
                return await self._open_bare(found)
            material_id = found.parts.material_id
            cipher = found.hot.of_material(material_id, SymmetricCipher)
            if cipher is None:
                cipher = await self._arrivals.cipher(found.hot, material_id)
            return cipher.decrypt(found.parts, canonical_context(context))
        except DoesNotOpen:
            raise InvalidCiphertext from None

    async def on_same_key(
        self, call: Call, blob: bytes | None, key_id: str | None, destination: str
    ) -> Facts:
        """kms:ReEncryptOnSameKey: whether a ciphertext is under the key that is to be used next."""
        named = await self._resolver.named("ReEncrypt", call, destination)
        if key_id is not None:
            old = (await self._resolver.named("ReEncrypt", call, key_id)).key.key_id
        else:
            try:
                old = decode(blob or b"").key_id
            except DoesNotOpen:
                return NO_FACTS
        return {"kms:reencryptonsamekey": (str(old == named.key.key_id).lower(),)}

    async def _find_by_blob(
        self,
        action: str,
        call: Call,
        request: object,
        blob: bytes,
        algorithm: str,
        facts: Facts,
    ) -> Found:
        """The key that a ciphertext names; none, and none for the caller, are told alike."""
        parts = _named_by_itself(blob, algorithm)
        action = f"{PREFIX}{action}"
        hot = self._view.key_at_hand(parts.key_id) or await self._view.any_key(parts.key_id)
        if hot is None:
            raise ciphertext_denied(call.principal, action)
        try:
            await self._access.on_key(call, action, hot, request, facts=facts)
        except AccessDenied:
            if hot.key.account != call.principal.account:  # nor is it told by the caller's trail
                call.resources.remove(hot.arn)
            raise ciphertext_denied(call.principal, action) from None
        if hot.key.spec is not SYMMETRIC_DEFAULT:  # made up: no such key makes such a ciphertext
            raise InvalidCiphertext
        if algorithm != SYMMETRIC:
            check_algorithm(hot.key, algorithm)
        return Found(hot, algorithm, blob, parts)

    async def _open_bare(self, found: Found) -> bytes:
        cipher = found.hot.current(AsymmetricCipher)
        work = partial(cipher.decrypt, found.algorithm, found.blob)
        return await self._threads.done(cipher, Work.DECRYPT, work)


def check_context(key: Key, context: Context) -> None:
    """Raise Validation if an asymmetric key is used with an encryption context."""
    if context and key.spec.kind.asymmetric:
        raise Validation(f"An encryption context is not supported by key spec {key.key_spec}.")


def check_plaintext(key: Key, algorithm: str, size: int) -> None:
    """Raise Validation for a plaintext that is too long for the key and algorithm."""
    limit = key.spec.plaintext_limits[algorithm]
    if size > limit:
        raise Validation(
            f"Algorithm {algorithm} and key spec {key.key_spec} cannot encrypt data larger than "
            f"{limit} bytes."
        )


def _named_by_itself(blob: bytes, algorithm: str) -> Ciphertext:
    """A ciphertext without a KeyId. Raises Validation for a bare one, which names no key."""
    try:
        return decode(blob)
    except DoesNotOpen:
        if algorithm == SYMMETRIC:
            raise InvalidCiphertext from None
    raise Validation(f"KeyId is required to decrypt with algorithm {algorithm}.")


def _decoded(blob: bytes) -> Ciphertext:
    try:
        return decode(blob)
    except DoesNotOpen:
        raise InvalidCiphertext from None

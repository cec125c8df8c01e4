"""From the KeyId of a request to a key that the caller may use: found, authorised, in a fit state.

The order is KMS's (kms-semantics part b): NotFound, AccessDenied, usage, state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from node.access.authorise import authorise
from node.hot.view import HotKey
from node.model.arn import KeyReference, key_arn, parse_reference
from node.model.errors import InvalidArn, InvalidGrantToken, NotFound
from node.model.key import Key
from node.model.state import check_state
from node.model.usage import check_usage
from node.operations.services import Services
from node.store.port import Transaction
from node.wire.messages import Call

WITHOUT_INVALID_ARN: Final = frozenset(
    {
        "CreateAlias",
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncrypt",
        "Sign",
        "UpdateAlias",
        "Verify",
        "VerifyMac",
    }
)
"""Operations that take a KeyId and, by the model, have no InvalidArnException: to them, an ARN that
cannot be read names nothing. A test holds the list against botocore's model."""


class Resolver:
    """Finds keys for the operations of one region."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def to_use(
        self,
        operation: str,
        call: Call,
        key_id: str,
        algorithm: str | None = None,
        grant_tokens: Sequence[str] | None = None,
        action: str | None = None,
    ) -> HotKey:
        """The key for a cryptographic operation, which takes every form of KeyId.

        No I/O for a key that is in memory. `action` is the permission if its name is not the
        operation's.
        """
        hot = await self.allowed(operation, call, key_id, action)
        check_grant_tokens(grant_tokens)
        check_usage(operation, hot.key, algorithm)
        check_state(operation, hot.key)
        return hot

    async def allowed(
        self, operation: str, call: Call, key_id: str, action: str | None = None
    ) -> HotKey:
        """The key that any form of KeyId names, if the caller may do this to it."""
        hot = await self.named(operation, call, key_id)
        authorise(call.principal, f"kms:{action or operation}", hot.key.account, hot.key.arn)
        return hot

    async def named(self, operation: str, call: Call, key_id: str) -> HotKey:
        """The key that any form of KeyId names. Raises NotFound or InvalidArn."""
        reference = self._parse(operation, call, key_id, aliases=True)
        target = await self._target(reference)
        hot = await self._services.view.key(reference.account, target)
        if hot is None:
            raise self._missing(reference.account, target)
        return hot

    async def to_describe(self, operation: str, call: Call, key_id: str) -> Key:
        """The key for an operation that only reads, and takes every form of KeyId."""
        return (await self.allowed(operation, call, key_id)).key

    async def to_read(self, operation: str, call: Call, key_id: str) -> Key:
        """The key for an operation that only reads, and takes a key ID or key ARN."""
        reference = self._parse(operation, call, key_id, aliases=False)
        hot = await self._services.view.key(reference.account, reference.key_id or "")
        if hot is None:
            raise self._missing(reference.account, reference.key_id or "")
        authorise(call.principal, f"kms:{operation}", hot.key.account, hot.key.arn)
        return hot.key

    async def to_change(
        self,
        operation: str,
        call: Call,
        key_id: str,
        transaction: Transaction,
        suits: Callable[[Key], object] | None = None,
    ) -> Key:
        """The key, as the transaction sees it, for an operation that takes a key ID or key ARN.

        `suits` raises if the operation is not for this kind of key.
        """
        reference = self._parse(operation, call, key_id, aliases=False)
        key = await transaction.key(reference.account, reference.key_id or "")
        if key is None:
            raise self._missing(reference.account, reference.key_id or "")
        authorise(call.principal, f"kms:{operation}", key.account, key.arn)
        if suits is not None:
            suits(key)
        check_state(operation, key)
        return key

    def _parse(self, operation: str, call: Call, key_id: str, *, aliases: bool) -> KeyReference:
        account = call.principal.account
        region = self._services.region
        try:
            return parse_reference(key_id, region=region, account=account, aliases=aliases)
        except InvalidArn as error:
            if operation in WITHOUT_INVALID_ARN:
                raise NotFound(error.message) from None
            raise

    async def _target(self, reference: KeyReference) -> str:
        if reference.alias is None:
            return reference.key_id or ""
        target = await self._services.view.alias_target(reference.account, reference.alias)
        if target is None:
            arn = self._services.alias_arn(reference.account, reference.alias)
            raise NotFound(f"Alias {arn} is not found.")
        return target

    def _missing(self, account: str, key_id: str) -> NotFound:
        return NotFound(f"Key '{key_arn(self._services.region, account, key_id)}' does not exist")


def check_grant_tokens(grant_tokens: Sequence[str] | None) -> None:
    """Raise InvalidGrantToken for any token: no grants exist yet, so none is ours."""
    if grant_tokens:
        raise InvalidGrantToken("A grant token in the request is not valid.")

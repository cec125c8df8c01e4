"""From the KeyId of a request to a key that the caller may use: found, authorised, in a fit state.

The order is KMS's (kms-semantics part b): NotFound, AccessDenied, usage, state.
"""

from __future__ import annotations

from typing import Final, Protocol

from node.access.actions import PREFIX
from node.access.authorise import NO_FACTS, Facts
from node.hot.at_hand import HotKey
from node.model.arn import KeyReference, key_arn, parse_reference
from node.model.errors import InvalidArn, NotFound
from node.model.key import Key
from node.model.state import check_state
from node.model.usage import check_usage
from node.operations.managed_keys import ManagedKeys
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


class ManagedTargets(Protocol):
    """Finds and makes AWS managed keys (node.operations.managed_keys.ManagedKeys)."""

    async def target(self, account: str, alias: str) -> str | None: ...


class NamesKey(Protocol):
    """A request whose KeyId is a key ID or key ARN."""

    @property
    def key_id(self) -> str: ...


class Resolver:
    """Finds keys for the operations of one region."""

    def __init__(self, services: Services, managed: ManagedTargets | None = None) -> None:
        """`managed` makes AWS managed keys, if it is not to be done here."""
        self.services: Final = services
        self._view = services.view
        self._access = services.access
        self._region = services.region
        self._managed_keys = managed or ManagedKeys(services)

    async def to_use(
        self,
        operation: str,
        call: Call,
        request: object,
        key_id: str,
        algorithm: str | None = None,
        *,
        action: str | None = None,
        facts: Facts = NO_FACTS,
    ) -> HotKey:
        """The key for a cryptographic operation, which takes every form of KeyId.

        No I/O for a key that is in memory. `action` is the permission if its name is not the
        operation's; `facts` are condition keys that `request` does not tell.
        """
        hot = await self.allowed(operation, call, request, key_id, action=action, facts=facts)
        check_usage(operation, hot.key, algorithm)
        check_state(operation, hot.key)
        return hot

    async def allowed(
        self,
        operation: str,
        call: Call,
        request: object,
        key_id: str,
        *,
        action: str | None = None,
        facts: Facts = NO_FACTS,
    ) -> HotKey:
        """The key that any form of KeyId names, if the caller may do this to it."""
        hot = await self.named(operation, call, key_id)
        action = f"{PREFIX}{action or operation}"
        await self._access.on_key(call, action, hot, request, facts=facts)
        return hot

    async def named(self, operation: str, call: Call, key_id: str) -> HotKey:
        """The key that any form of KeyId names. Raises NotFound or InvalidArn."""
        reference = self._parse(operation, call, key_id, aliases=True)
        target = reference.key_id or await self._target(call, reference.account, reference.alias)
        hot = self._view.key_at_hand(target) or await self._view.any_key(target)
        if hot is None or hot.key.account != reference.account:
            raise self.missing(reference.account, target)
        return hot

    async def identified(self, operation: str, call: Call, key_id: str) -> HotKey:
        """The key that a key ID or key ARN names. Raises NotFound or InvalidArn."""
        reference = self._parse(operation, call, key_id, aliases=False)
        hot = await self._view.key(reference.account, reference.key_id or "")
        if hot is None:
            raise self.missing(reference.account, reference.key_id or "")
        return hot

    async def to_read(self, operation: str, call: Call, request: NamesKey) -> Key:
        """The key for an operation that only reads, and takes a key ID or key ARN."""
        hot = await self.identified(operation, call, request.key_id)
        await self._access.on_key(call, f"{PREFIX}{operation}", hot, request)
        return hot.key

    async def current(self, transaction: Transaction, key: Key) -> Key:
        """A key that was found in memory, as a transaction sees it."""
        current = await transaction.key(key.account, key.key_id)
        if current is None:
            raise self.missing(key.account, key.key_id)
        return current

    def _parse(self, operation: str, call: Call, key_id: str, *, aliases: bool) -> KeyReference:
        account = call.principal.account
        region = self._region
        try:
            return parse_reference(key_id, region=region, account=account, aliases=aliases)
        except InvalidArn as error:
            if operation in WITHOUT_INVALID_ARN:
                raise NotFound(error.message) from None
            raise

    async def _target(self, call: Call, account: str, alias: str | None) -> str:
        """The ID of the key that an alias names; KMS's own aliases name a key as soon as asked."""
        alias = alias or ""
        target = await self._view.alias_target(account, alias)
        if target is None and account == call.principal.account:
            target = await self._managed_keys.target(account, alias)
        if target is None:
            raise NotFound(f"Alias {self.services.alias_arn(account, alias)} is not found.")
        return target

    def missing(self, account: str, key_id: str) -> NotFound:
        """The error for a key that is not in this region."""
        return NotFound(f"Key '{key_arn(self._region, account, key_id)}' does not exist")

"""A transaction in which a key is changed: found, authorised, and as the transaction sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from node.model.key import Key
from node.model.state import check_state
from node.operations.resolve import NamesKey, Resolver
from node.store.port import Transaction
from node.wire.messages import Call


@asynccontextmanager
async def to_change(
    resolver: Resolver,
    operation: str,
    call: Call,
    request: NamesKey,
    suits: Callable[[Key], object] | None = None,
) -> AsyncIterator[tuple[Transaction, Key]]:
    """A transaction, and the key as it sees it, for an operation that takes a key ID or ARN.

    The caller is authorised before the transaction begins: who may not, holds up nobody.
    `suits` raises if the operation is not for this kind of key.
    """
    allowed = await resolver.to_read(operation, call, request)
    async with resolver.services.store.transaction() as transaction:
        key = await resolver.current(transaction, allowed)
        if suits is not None:
            suits(key)
        check_state(operation, key)
        yield transaction, key

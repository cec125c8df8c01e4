"""Operations that count their requests, and refuse what is above the quota.

Who calls is charged, also for another account's key (KMS Developer Guide, "Request quotas"). What
is throttled has been authenticated and nothing else: no policy was asked, and no key was used.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

import msgspec

from crypto.specs import Kind
from node.hot.at_hand import HotKey
from node.model.arn import parse_reference
from node.model.errors import InvalidArn, NotFound, Throttling
from node.quotas.charges import CRYPTOGRAPHIC, quota_of
from node.quotas.levels import Levels
from node.wire.messages import Call, Operation
from node.wire.operation_names import TARGET_PREFIX

_KEY_MEMBERS: Final = ("key_id", "destination_key_id")


class KeyView(Protocol):
    """Where keys are looked up."""

    async def key(self, account: str, key_id: str) -> HotKey | None: ...

    async def alias_target(self, account: str, name: str) -> str | None: ...


class Meter:
    """What each account has left of each quota. `rates` are requests per second by quota."""

    def __init__(self, rates: Mapping[str, float], levels: Levels) -> None:
        self._rates = rates
        self._levels = levels

    def count(self, account: str, quota: str, now: float) -> None:
        """Count one request at `now` (seconds). Raises Throttling above the quota."""
        rate = self._rates.get(quota)
        if rate is None:
            return
        if not self._levels.take(f"{account}/{quota}", rate, now):
            raise Throttling


def throttled(
    table: Mapping[str, Operation],
    region: str,
    view: KeyView,
    rates: Mapping[str, float],
    levels: Levels,
) -> Mapping[str, Operation]:
    """The same operations, those of KMS with these quotas. Keyspan's own are never throttled."""
    meter, kinds = Meter(rates, levels), _Kinds(region, view)
    return {
        target: _limited(operation, meter, kinds) if target.startswith(TARGET_PREFIX) else operation
        for target, operation in table.items()
    }


def _limited(operation: Operation, meter: Meter, kinds: _Kinds) -> Operation:
    name = operation.target.removeprefix(TARGET_PREFIX)
    handler: Callable[[Call, Any], Awaitable[msgspec.Struct | None]] = operation.handler

    async def limited(call: Call, request: Any) -> msgspec.Struct | None:
        kind = await kinds.of(call, request) if name in CRYPTOGRAPHIC else Kind.SYMMETRIC
        quota = quota_of(name, kind, getattr(request, "key_pair_spec", None))
        meter.count(call.principal.account, quota, call.received)
        return await handler(call, request)

    return replace(operation, handler=limited)


class _Kinds:
    """The kind of key that a request names. A name that names nothing counts as symmetric."""

    def __init__(self, region: str, view: KeyView) -> None:
        self._region = region
        self._view = view

    async def of(self, call: Call, request: object) -> Kind:
        given = (getattr(request, member, None) for member in _KEY_MEMBERS)
        named = next((each for each in given if each), "")
        account = call.principal.account
        try:
            found = parse_reference(named, region=self._region, account=account, aliases=True)
        except (InvalidArn, NotFound):
            return Kind.SYMMETRIC
        key_id = found.key_id
        if found.alias is not None:
            key_id = await self._view.alias_target(found.account, found.alias)
        hot = None if key_id is None else await self._view.key(found.account, key_id)
        return Kind.SYMMETRIC if hot is None else hot.key.spec.kind

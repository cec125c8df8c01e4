"""Opening every ciphertext in every region: what a rehearsal, and a fault, is judged by."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from node.drill.calls import CallFailed, RegionCalls, bytes_of, text_of
from node.drill.ledger import Sealed, digest
from node.drill.samples import THROTTLED
from node.settings import Administrator

__all__ = ["Check", "check_everywhere"]

_AT_ONCE: Final = 8  # calls under way in each region
_TIMEOUT_SECONDS: Final = 20.0
_THROTTLED_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Check:
    """How many ciphertexts were opened, region by region, and what went wrong.

    `wrong` came out as something else; `unreadable` did not come out, counted by region and error.
    """

    ciphertexts: int
    opened: int
    wrong: int
    unreadable: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        return not self.wrong and not self.unreadable


class _Tally:
    """What was found so far."""

    def __init__(self) -> None:
        self.opened = 0
        self.wrong = 0
        self.unreadable: Counter[tuple[str, str]] = Counter()


def check_everywhere(
    entries: Sequence[Sealed],
    endpoints: Mapping[str, str],
    administrator: Administrator,
    advance: Callable[[int], None] = lambda _count: None,
) -> Check:
    """Decrypt each ciphertext in each region. `advance` is told how many calls were made.

    Runs an event loop of its own, so call it from a thread that has none.
    """
    return asyncio.run(_check(entries, endpoints, administrator, advance))


async def _check(
    entries: Sequence[Sealed],
    endpoints: Mapping[str, str],
    administrator: Administrator,
    advance: Callable[[int], None],
) -> Check:
    tally = _Tally()
    async with asyncio.TaskGroup() as group:
        for region, endpoint in endpoints.items():
            calls = RegionCalls(region, endpoint, administrator, _TIMEOUT_SECONDS)
            group.create_task(_check_region(entries, calls, tally, advance))
    return Check(len(entries), tally.opened, tally.wrong, tally.unreadable)


async def _check_region(
    entries: Sequence[Sealed], calls: RegionCalls, tally: _Tally, advance: Callable[[int], None]
) -> None:
    left = iter(entries)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(_check_some(left, calls, tally, advance))
    finally:
        await calls.close()


async def _decrypted(calls: RegionCalls, members: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of Decrypt, however often a quota says later. Raises CallFailed for the rest."""
    while True:
        try:
            return await calls.call("Decrypt", members)
        except CallFailed as failed:
            if failed.code != THROTTLED:
                raise
        await asyncio.sleep(_THROTTLED_SECONDS)


async def _check_some(
    left: Iterator[Sealed], calls: RegionCalls, tally: _Tally, advance: Callable[[int], None]
) -> None:
    for sealed in left:
        members = {
            "CiphertextBlob": text_of(sealed.blob),
            "EncryptionContext": dict(sealed.context),
        }
        try:
            answer = await _decrypted(calls, members)
        except CallFailed as failed:
            tally.unreadable[calls.region, failed.code] += 1
        else:
            right = digest(bytes_of(answer["Plaintext"])) == sealed.digest
            tally.opened += right
            tally.wrong += not right
        advance(1)

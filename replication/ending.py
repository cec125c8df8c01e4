"""Ending tasks for good."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_SECONDS: Final = 0.1


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the tasks until each has ended, whatever it raised.

    Once is not enough: asyncio.wait_for() of Python 3.11, by which redis-py waits, loses a
    cancellation that comes in the moment in which what it waits for is done (bpo-42130), and a loop
    that it was meant for goes on.
    """
    pending = {each for each in tasks if not each.done()}
    while pending:
        for each in pending:
            each.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)

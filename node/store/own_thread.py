"""A thread of its own for what waits, which the event loop can wait for.

It does what an executor of one thread does. Handing work over and waiting for it costs half of what
it does there (docs/decisions/0029): nothing but a queue and a lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class OwnThread:
    """Does one piece of work after the other. The thread begins with the first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: SimpleQueue[_Work[Any] | None] | None = None

    async def done(self, call: Callable[[], T], seconds: float = 0.0) -> T:
        """What `call` returns or raises. The event loop does nothing else for `seconds` at the
        most. Who is cancelled after that waits for its end all the same.
        """
        if self._work is None:
            self._work = SimpleQueue()
            Thread(target=_do, args=(self._work,), name=self._name, daemon=True).start()
        work = _Work(call)
        self._work.put(work)
        if not work.ended.acquire(timeout=seconds):
            await work.told()
        return work.outcome()

    def close(self) -> None:
        """Let the thread end when what it was given is done."""
        if self._work is not None:
            self._work.put(None)
            self._work = None


class _Work(Generic[T]):
    """A call, and what became of it once `ended` is released."""

    __slots__ = ("_call", "_error", "_result", "_tell", "ended")

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._error: BaseException | None = None
        self._result: T | None = None
        self._tell: Callable[[], object] | None = None
        self.ended = Lock()
        self.ended.acquire()

    def do(self) -> None:
        """Called by the thread."""
        try:
            self._result = self._call()
        except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
            self._error = error
        self.ended.release()
        if self._tell is not None:
            with suppress(RuntimeError):  # the loop has ended: whoever waited knew without it
                self._tell()

    async def told(self) -> None:
        """Return when it has ended, though the caller be cancelled meanwhile; then raise that."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._tell = lambda: loop.call_soon_threadsafe(_set, waiter)
        if self.ended.acquire(blocking=False):  # before it could know whom to tell
            return
        try:
            await asyncio.shield(waiter)
        except asyncio.CancelledError:
            while not waiter.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([waiter])
            raise

    def outcome(self) -> T:
        """What the call returned or raises."""
        if self._error is not None:
            raise self._error
        return cast("T", self._result)


def _set(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _do(given: SimpleQueue[_Work[Any] | None]) -> None:
    while (work := given.get()) is not None:
        work.do()
        del work  # nothing of it is kept while there is nothing to do

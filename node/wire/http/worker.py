"""Runs the calls of one connection: at once, and in a task only from where one has to wait.

A call of the hot path has all it needs in memory and ends without waiting (decision D10); a task
for each would cost more than its cryptography. So a coroutine is begun in the callback that read
the request, in the name of a task that the connection has anyway. If it has to wait, that task
drives it on, and it never notices: the current task and the context are the same throughout.

The functions that name the current task are asyncio's for makers of tasks
(https://docs.python.org/3/library/asyncio-extending.html#task-lifetime-support).
"""

from __future__ import annotations

import asyncio
from asyncio import _enter_task, _leave_task
from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Worker(Generic[T]):
    """Runs one coroutine at a time. Called from callbacks of the event loop, not from a task."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, done: Callable[[T | BaseException], None]
    ) -> None:
        """`done` is told what became of a coroutine that had to wait."""
        self._loop = loop
        self._done = done
        self._context = copy_context()
        self._begun: _Begun[T] | None = None
        self._wake = asyncio.Event()
        self._telling = False
        self._task = loop.create_task(self._drive(), context=self._context)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T | None:
        """What the coroutine returns or raises if it need not wait; else None, and `done` later."""
        try:
            waits_for = self._first_step(coroutine)
        except StopIteration as stop:
            result: T = stop.value
            return result
        self._begun = _Begun(coroutine, waits_for)
        self._wake.set()
        return None

    def _first_step(self, coroutine: Coroutine[Any, Any, T]) -> Any:
        if self._telling:  # `done` runs the next one: this is the task already
            return coroutine.send(None)
        _enter_task(self._loop, self._task)
        try:
            return self._context.run(coroutine.send, None)
        finally:
            _leave_task(self._loop, self._task)

    def stop(self) -> None:
        """Cancel what runs, and run nothing more."""
        self._task.cancel()

    async def _drive(self) -> None:
        while True:
            begun = await self._next()
            outcome: T | BaseException
            try:
                outcome = await begun
            except (Exception, asyncio.CancelledError) as error:
                if self._task.cancelling():
                    raise
                outcome = error
            self._telling = True
            self._done(outcome)
            self._telling = False

    async def _next(self) -> _Begun[T]:
        """The coroutine to go on with, once there is one."""
        while self._begun is None:
            try:
                await self._wake.wait()
            except asyncio.CancelledError:
                if self._begun is None:
                    raise
                self._task.uncancel()  # it came for the coroutine: its next wait is to be cancelled
                self._task.cancel()
        begun, self._begun = self._begun, None
        self._wake.clear()
        return begun


class _Begun(Generic[T]):
    """A coroutine that has run to its first wait: awaiting it goes on from there (PEP 492)."""

    __slots__ = ("_coroutine", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, T], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        while True:
            try:
                sent = yield waits_for
            except BaseException as error:  # noqa: BLE001  a cancellation is the coroutine's
                step: Callable[[Any], Any] = self._coroutine.throw
                sent = error
            else:
                step = self._coroutine.send
            try:
                waits_for = step(sent)
            except StopIteration as stop:
                result: T = stop.value
                return result

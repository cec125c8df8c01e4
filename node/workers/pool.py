"""The leader's worker processes: started, heard, started again when they end, and ended.

A worker dies with the leader: by the parent-death signal where there is one (node/cluster/guard.py)
and because its channel ends. So a leader that was killed can be started again at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from node.cluster import guard
from node.workers.channel import Answers, Channel, Lost, open_channel
from node.workers.questions import READY

FIRST: Final = 2  # the leader is the first worker
READY_SECONDS: Final = 30.0  # that a start waits for workers, and goes on without them
SHORT_LIFE_SECONDS: Final = 5.0  # whoever ended sooner is not started again at once …
PAUSES: Final = (0.0, 0.2, 1.0, 5.0)  # … but after the next of these
END_SECONDS: Final = 5.0  # for a process without a channel, and beyond its own drain, to end
logger = logging.getLogger("keyspan.workers")


@dataclass(slots=True)
class Worker:
    """One of the workers: its process and channel while it lives, and how often it ended."""

    number: int
    process: asyncio.subprocess.Process | None = None
    channel: Channel | None = None
    ends: int = 0

    @property
    def pid(self) -> int | None:
        """The process ID of a worker that serves."""
        return self.process.pid if self.process is not None and self.channel is not None else None


class Pool:
    """The worker processes of one region beside the leader."""

    def __init__(self, command: Sequence[str], count: int, descriptors: Sequence[int]) -> None:
        """`command` begins a worker; its number, socket and port are added. `descriptors` are
        files for it to inherit.
        """
        self.workers = [Worker(number) for number in range(FIRST, count + 1)]
        self._command = tuple(command)
        self._descriptors = tuple(descriptors)
        self._news = asyncio.Event()  # of a worker that serves, or ended: a new one each time
        self._stopping = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self, port: int, answers: Answers) -> None:
        """Start every worker on this port of the region, and return when each one serves, has
        ended once, or took too long. `answers` is what they may ask.
        """
        self._keepers = [
            asyncio.create_task(self._keep(worker, port, answers)) for worker in self.workers
        ]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                await self._until(lambda: all(each.pid or each.ends for each in self.workers))

    async def stop(self, seconds: float) -> None:
        """Ask every worker to end, and wait; one that takes longer than `seconds` is killed."""
        self._stopping.set()
        for worker in self.workers:
            _signal(worker, kill=False)
        _, late = await asyncio.wait(self._keepers, timeout=seconds + END_SECONDS)
        for worker in self.workers if late else ():
            _signal(worker, kill=True)
        await asyncio.gather(*self._keepers)

    async def ask(self, worker: Worker, kind: str, body: bytes, seconds: float) -> bytes:
        """A worker's answer; one that is being started is waited for. Raises Lost."""
        try:
            async with asyncio.timeout(seconds):
                await self._until(lambda: worker.channel is not None)
                if worker.channel is None:
                    raise Lost(f"worker {worker.number} does not run")
                return await worker.channel.ask(kind, body)
        except TimeoutError:
            raise Lost(f"worker {worker.number} does not answer") from None

    async def _keep(self, worker: Worker, port: int, answers: Answers) -> None:
        """See that a worker runs, until the pool is stopped."""
        now = asyncio.get_running_loop().time
        short = 0
        while not self._stopping.is_set():
            began = now()
            try:
                ended = await self._live(worker, port, answers)
            except OSError as error:
                ended = f"cannot be started ({error.strerror})"
            if self._stopping.is_set():
                return
            worker.ends += 1
            self._tell()
            logger.error("worker %d %s; it is started again", worker.number, ended)
            short = min(short + 1, len(PAUSES) - 1) if now() - began < SHORT_LIFE_SECONDS else 0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSES[short]):
                    await self._stopping.wait()

    async def _live(self, worker: Worker, port: int, answers: Answers) -> str:
        """One life of a worker: how it ended."""
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as unless_started:
            unless_started.enter_context(ours)
            process = await self._started(worker.number, theirs.fileno(), port)
            unless_started.pop_all()
        worker.process = process

        async def serves(_: bytes) -> bytes:
            worker.channel = channel
            self._tell()
            return b""

        channel = await open_channel(ours, {**answers, READY: serves})
        if self._stopping.is_set():  # it was asked for before there was anything to signal
            _signal(worker, kill=False)
        try:
            await channel.closed.wait()
            return await _end(process)
        finally:
            channel.close()
            worker.process = worker.channel = None
            self._tell()

    async def _started(self, number: int, channel: int, port: int) -> asyncio.subprocess.Process:
        """The process, which dies with this one."""
        given = [f"--number={number}", f"--channel={channel}", f"--port={port}"]
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-S", guard.__file__, str(os.getpid())),
            *self._command,
            *given,
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=(channel, *self._descriptors),
        )

    async def _until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            await self._news.wait()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


async def _end(process: asyncio.subprocess.Process) -> str:
    """How a process ended whose channel is gone; one that does not end is killed."""
    try:
        async with asyncio.timeout(END_SECONDS):
            status = await process.wait()
    except TimeoutError:
        process.kill()
        status = await process.wait()
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _signal(worker: Worker, *, kill: bool) -> None:
    if worker.process is not None:
        with contextlib.suppress(ProcessLookupError):
            worker.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)

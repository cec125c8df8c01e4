"""One worker process beside its leader, who starts it (node/workers/pool.py):

    python -m node.workers --config FILE … --number N --channel FD --port PORT --page FD --levels FD

It reads the same files as the leader. It ends when it is asked to (SIGTERM), after the requests
under way, and at once when the leader is gone. A Ctrl-C in the terminal is for the leader.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from pathlib import Path

import uvloop

from node.cli import arguments as kinds
from node.clock import MovableClock
from node.parts import real_world
from node.process import begin_log, give_threads, server_of
from node.quotas.levels import SharedLevels
from node.settings import NodeSettings, SettingsError, read_node_settings
from node.workers.channel import Channel, Lost, open_channel
from node.workers.page import ChangePage
from node.workers.questions import READY
from node.workers.region import WorkerRegion, answers, assemble_worker
from replication.ending import end_all

logger = logging.getLogger("keyspan.workers")
WRONG = 2  # the exit status of a worker that cannot run, as of every command


def main(words: list[str]) -> int:
    """Run the worker; its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    given = _arguments().parse_args(words)
    begin_log()
    try:
        settings = read_node_settings(given.config, os.environ)
        settings = settings.with_quotas(dict(given.quota)).with_workers(given.workers)
        uvloop.run(_work(settings, given))
    except (SettingsError, OSError) as error:
        logger.error("worker %d: %s", given.number, error)
        return WRONG
    return 0


def _arguments() -> ArgumentParser:
    parser = ArgumentParser("python -m node.workers")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--quota", type=kinds.quota, action="append", default=[])
    parser.add_argument("--movable-clock", action="store_true")
    for name in ("workers", "number", "channel", "port", "page", "levels"):
        parser.add_argument(f"--{name}", type=int, required=True)
    return parser


async def _work(settings: NodeSettings, given: Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    give_threads(loop)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    leader = await open_channel(socket.socket(fileno=given.channel), answers(lambda: region))
    clock = MovableClock(settings.clock_file) if given.movable_clock else None
    page, levels = ChangePage(given.page), SharedLevels(given.levels)
    region = assemble_worker(settings, real_world(clock), given.number, leader, page, levels)
    async with _running(region):
        server = server_of(settings, region.door, given.port, region.refusals)
        await server.start()
        gc.freeze()  # as in node/app.py
        with contextlib.suppress(Lost):
            await leader.ask(READY)
        logger.info("worker %d of %s serves", given.number, settings.region)
        if await _first(stop, leader):
            await server.stop()
        else:
            logger.error("worker %d ends: its leader is gone", given.number)


async def _first(stop: asyncio.Event, leader: Channel) -> bool:
    """Whether the worker is asked to end, before its leader is gone."""
    waits = [asyncio.create_task(each.wait()) for each in (stop, leader.closed)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for each in waits:
        each.cancel()
    return not leader.closed.is_set()


@contextlib.asynccontextmanager
async def _running(region: WorkerRegion) -> AsyncIterator[None]:
    """A worker that keeps its trail, and its view true, while the block runs."""
    await region.audit.open()
    await region.view.start()
    background = [
        asyncio.create_task(region.view.watch()),
        asyncio.create_task(region.audit.run()),
    ]
    try:
        yield
    finally:
        await end_all(background)
        await region.audit.close()
        await region.store.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

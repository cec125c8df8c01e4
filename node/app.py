"""Runs one region's node: what starts in which order, and stops in the other.

A node needs its own store to start, and nothing else: its stream and every other region may be
away. It hears them for a moment before it answers, so that one that was away and lost its keys to
another primary does not acknowledge, as the primary that it was, what is lost when it finds out.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import uvloop

from node.assembly import Region, assemble, close_region, open_region, real_world
from node.clock import MovableClock
from node.settings import NodeSettings, SettingsError
from node.wire.descriptors import room_for
from node.wire.server import WireServer

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
HEARING_SECONDS = 2.0
WORKERS = max(2, os.cpu_count() or 1)
"""Threads for slow cryptography (node/hot/work.py). More of them than cores would have nothing done
sooner, and each takes its part of the time of the event loop's thread."""
logger = logging.getLogger("keyspan.node")


def run(settings: NodeSettings, movable_clock: bool = False) -> None:
    """Run the node until SIGINT or SIGTERM.

    Raises OSError if its address cannot be had, SettingsError if its clock was moved before and
    is not to be movable now: its time would go back.
    """
    clock = _clock(settings, movable_clock)
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    uvloop.run(_serve(assemble(settings, real_world(clock))))


def _clock(settings: NodeSettings, movable: bool) -> MovableClock | None:
    try:
        clock = MovableClock(settings.clock_file)
    except ValueError as error:
        remedy = "restore it from your backup"
        raise SettingsError.about(settings.clock_file, None, str(error), remedy) from None
    if clock.ahead and not movable:
        raise SettingsError(
            f"the clock of {settings.region} was moved ahead and must not go back; "
            "start it with --movable-clock again, or make a new cluster."
        )
    return clock if movable else None


async def _serve(region: Region) -> None:
    settings = region.settings
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(WORKERS, "work"))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(region):
        if not await region.replication.wait_heard(HEARING_SECONDS):
            logger.warning("not every peer's log was read to its end; answering all the same")
        await region.session_seal.prepare(region.request_clock.now())
        room = room_for(settings.limits.connections)
        if room < settings.limits.connections:
            logger.warning("only %d connections: this process may open no more files", room)
        limits = replace(settings.limits, connections=room)
        server = WireServer(
            region.protocol, settings.host, settings.port, limits, refusals=region.refusals
        )
        await server.start()
        gc.freeze()  # what exists now lives as long as the process (performance.md)
        address = f"{settings.host}:{server.port}"
        logger.info("keyspan node %s listening on %s", settings.region, address)
        try:
            await stop.wait()
        finally:
            await server.stop()
    logger.info("keyspan node %s stopped", settings.region)


@contextlib.asynccontextmanager
async def running(region: Region) -> AsyncIterator[Region]:
    """A region that is open, replicating and on schedule while the block runs."""
    await open_region(region)
    region.replication.start()
    background = [
        asyncio.create_task(region.schedule.run()),
        asyncio.create_task(region.view.watch()),
        asyncio.create_task(region.audit.run()),
    ]
    try:
        yield region
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await region.replication.stop()
        await close_region(region)

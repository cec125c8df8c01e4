"""Runs one region's node: what starts in which order, and stops in the other.

A node needs its own store to start, and nothing else: its stream and every other region may be
away. It hears them for a moment before it answers, so that one that was away and lost its keys to
another primary does not acknowledge, as the primary that it was, what is lost when it finds out.
Where it is to have several workers, this process leads them and is the first (node/workers).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator, Sequence

import uvloop

from node.assembly import Region, assemble, close_region, open_region
from node.clock import MovableClock
from node.parts import real_world
from node.process import begin_log, give_threads, server_of
from node.settings import NodeSettings, SettingsError
from node.workers.port import held
from node.workers.team import Team, new_team
from replication.ending import end_all

HEARING_SECONDS = 2.0
logger = logging.getLogger("keyspan.node")


def run(settings: NodeSettings, movable_clock: bool = False, worker: Sequence[str] = ()) -> None:
    """Run the node until SIGINT or SIGTERM. `worker` is the command that begins another worker
    process, if the settings want more than this one.

    Raises OSError if its address cannot be had, SettingsError if its clock was moved before and
    is not to be movable now: its time would go back.
    """
    begin_log()
    team = new_team(worker, settings.workers) if settings.workers > 1 else None
    clock = _clock(settings, movable_clock, team)
    uvloop.run(_serve(assemble(settings, real_world(clock), team), team))


def _clock(settings: NodeSettings, movable: bool, team: Team | None) -> MovableClock | None:
    moved = team.page.count if team is not None else lambda: None
    try:
        clock = MovableClock(settings.clock_file, moved=moved)
    except ValueError as error:
        remedy = "restore it from your backup"
        raise SettingsError.about(settings.clock_file, None, str(error), remedy) from None
    if clock.ahead and not movable:
        raise SettingsError(
            f"the clock of {settings.region} was moved ahead and must not go back; "
            "start it with --movable-clock again, or make a new cluster."
        )
    return clock if movable else None


async def _serve(region: Region, team: Team | None) -> None:
    settings = region.settings
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    give_threads(loop)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(region):
        if not await region.replication.wait_heard(HEARING_SECONDS):
            logger.warning("not every peer's log was read to its end; answering all the same")
        if settings.region == min(settings.cluster.regions):  # or each would make a key at first
            await region.session_seal.prepare(region.request_clock.now())
        async with _workers(region, team) as port:
            server = server_of(settings, region.protocol, port, region.refusals)
            await server.start()
            gc.freeze()  # what exists now lives as long as the process (performance.md)
            address = f"{settings.host}:{server.port}"
            logger.info("keyspan node %s listening on %s", settings.region, address)
            try:
                await stop.wait()
            finally:
                await asyncio.gather(server.stop(), _stop(settings, team))
    logger.info("keyspan node %s stopped", settings.region)


@contextlib.asynccontextmanager
async def _workers(region: Region, team: Team | None) -> AsyncIterator[int]:
    """The region's other workers, which serve while the block runs; gives the port."""
    settings = region.settings
    if team is None:
        yield settings.port
        return
    async with held(settings.host, settings.port) as port:
        await team.pool.start(port, region.answers)
        try:
            yield port
        finally:
            await _stop(settings, team)


async def _stop(settings: NodeSettings, team: Team | None) -> None:
    """Let the other workers end what is under way, and wait for it."""
    if team is not None:
        await team.pool.stop(settings.limits.shutdown_seconds)


@contextlib.asynccontextmanager
async def running(region: Region) -> AsyncIterator[Region]:
    """A region that is open, replicating and on schedule while the block runs."""
    await open_region(region)
    region.replication.start()
    background = [
        asyncio.create_task(region.schedule.run()),
        asyncio.create_task(region.view.watch()),
        asyncio.create_task(region.audit.run()),
        asyncio.create_task(region.store.warm()),
    ]
    try:
        yield region
    finally:
        await end_all(background)
        await region.replication.stop()
        await close_region(region)

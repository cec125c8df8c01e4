"""What every process of a node has, whether it is alone, leads others, or is one of them."""

from __future__ import annotations

import asyncio
import logging
import sys
from dataclasses import replace
from typing import Final

from node.hot.work import threads_for_seconds, usable_cores
from node.settings import NodeSettings
from node.slices import shorten_slices
from node.wire.descriptors import room_for
from node.wire.http.doors import Refusals
from node.wire.http.site import Answering
from node.wire.server import WireServer

LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
logger = logging.getLogger("keyspan.node")


def begin_log() -> None:
    """Write the log to standard error."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)


def give_threads(loop: asyncio.AbstractEventLoop) -> None:
    """Give the event loop its threads for what may take seconds (node/hot/work.py), and have it
    served soon beside them; called in its own thread.
    """
    shorten_slices()
    loop.set_default_executor(threads_for_seconds(usable_cores()))


def server_of(
    settings: NodeSettings, answering: Answering, port: int, refusals: Refusals
) -> WireServer:
    """The server of a node's port, not started; it is shared where there are several workers."""
    room = room_for(settings.limits.connections)
    if room < settings.limits.connections:
        logger.warning("only %d connections: this process may open no more files", room)
    limits = replace(settings.limits, connections=room)
    shared = settings.workers > 1
    return WireServer(answering, settings.host, port, limits, refusals=refusals, shares_port=shared)

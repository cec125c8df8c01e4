"""What every process of a node has, whether it is alone, leads others, or is one of them."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from node.settings import NodeSettings
from node.wire.descriptors import room_for
from node.wire.http.doors import Refusals
from node.wire.http.site import Answering
from node.wire.server import WireServer

LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
THREADS: Final = max(2, os.cpu_count() or 1)
"""Threads for slow cryptography (node/hot/work.py). More of them than cores would have nothing done
sooner, and each takes its part of the time of the event loop's thread."""
logger = logging.getLogger("keyspan.node")


def begin_log() -> None:
    """Write the log to standard error."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)


def give_threads(loop: asyncio.AbstractEventLoop) -> None:
    """Give the event loop its threads for slow cryptography."""
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "work"))


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

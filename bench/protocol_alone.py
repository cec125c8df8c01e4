"""The same node without HTTP: `protocol.handle` in a loop, to see what the HTTP layer costs.

    python -m bench.protocol_alone FOLDER OPERATION SECONDS CORE

A process of its own on the server's core. It makes a cluster in FOLDER, assembles a region with
its real store, opens it, and starts no replication. The last line is an `AloneResult`. A loop that
does nothing else has warm caches: in a live server the same work takes longer (performance.md).
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from bench import operations
from bench.errors import BenchError
from bench.load.result import LoadResult, result_of, written
from bench.replay import Signer
from bench.servers import DIFFERENT_REQUESTS, REGION
from node.assembly import Region, assemble, open_region
from node.cluster import ClusterFolder, free_addresses
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster
from node.parts import real_world
from node.settings import NodeSettings, read_node_settings
from node.wire.messages import WireRequest, WireResponse
from node.wire.sigv4 import Scope


class AloneResult(LoadResult, frozen=True):
    """As from a load generator, and the CPU time of the loop, which was its own server."""

    cpu_seconds: float


def main(folder: str, operation: str, seconds: str, core: str) -> None:
    """Measure one operation and write the result."""
    os.sched_setaffinity(0, {int(core)})
    settings = _settings(ClusterFolder(Path(folder)))
    region = assemble(settings, real_world())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(open_region(region))
        try:
            requests = _requests(region, runner, operation)
            gc.freeze()  # as node/app.py does
            result = runner.run(_measured(region, requests, float(seconds)))
        finally:
            runner.run(region.store.close())
    sys.stdout.write(written(result))


def _settings(folder: ClusterFolder) -> NodeSettings:
    create_cluster(folder, free_addresses((REGION,)), DEFAULT_ACCOUNT, os.urandom)
    return read_node_settings(folder.region(REGION).node_file, os.environ)


def _requests(region: Region, runner: asyncio.Runner, operation: str) -> list[WireRequest]:
    """Signed requests that will succeed, from a region that was seen to work."""
    host = f"{region.settings.host}:{region.settings.port}"
    signer = Signer(host, Scope(REGION, "kms"), region.settings.administrator)

    def call(name: str, body: bytes) -> Mapping[str, Any]:
        request = signer.signed(name, body, time.time())
        response = runner.run(region.protocol.handle(request))
        if response.status != HTTPStatus.OK:
            raise BenchError(f"{name} is answered with {response.status}: {response.body!r}")
        return dict(json.loads(response.body))

    key_id = call("CreateKey", b"{}")["KeyMetadata"]["KeyId"]
    operations.check(call, key_id)
    bodies = operations.bodies(operation, call, key_id, DIFFERENT_REQUESTS)
    return [signer.signed(operation, body, time.time()) for body in bodies]


async def _measured(region: Region, requests: Sequence[WireRequest], seconds: float) -> AloneResult:
    handle, clock = region.protocol.handle, time.perf_counter
    latencies: list[float] = []
    refused = 0
    cpu_before, started = time.process_time(), clock()
    now, end = started, started + seconds
    for request in itertools.cycle(requests):
        response: WireResponse = await handle(request)
        refused += response.status != HTTPStatus.OK
        before, now = now, clock()
        latencies.append(now - before)
        if now >= end:
            break
    cpu_seconds = time.process_time() - cpu_before
    result = result_of(latencies, now - started, refused)
    return AloneResult(**msgspec.structs.asdict(result), cpu_seconds=cpu_seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Every form of the stream port: in memory, behind switched-off faults, and on a real server."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from redis.asyncio import Redis

from node.cluster.addresses import free_addresses
from node.cluster.binaries import find_stream_server
from node.cluster.service import Program, Service
from node.cluster.valkey import answers_ping, valkey_document
from replication.faults import NO_FAULTS, FaultyStream
from replication.memory_stream import MemoryStream
from replication.redis_stream import RedisStream, log_key
from tests.contract.streams import Bench, Stream


class InMemory:
    """MemoryStream, bare or behind the fault wrapper."""

    def __init__(self, *, wrapped: bool) -> None:
        memory = MemoryStream()
        self._memory = memory
        self.stream: Stream = FaultyStream(memory, Random(0), NO_FAULTS) if wrapped else memory

    async def lose(self) -> None:
        self._memory.lose()


class OnServer:
    """RedisStream on a real server, under a region name that no other test uses."""

    def __init__(self, url: str) -> None:
        self._region = f"test-{uuid.uuid4().hex}-1"
        self._redis: Redis = Redis.from_url(url)
        self.stream: Stream = RedisStream(url, self._region)

    async def lose(self) -> None:
        await self._redis.delete(log_key(self._region))

    async def occupy(self) -> None:
        """Put a key of another type in the stream's place."""
        await self.lose()
        await self._redis.set(log_key(self._region), "no stream")

    async def close(self) -> None:
        await self.stream.close()
        await self._redis.aclose()


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis-compatible server for the session."""
    folder: Path = tmp_path_factory.mktemp("server")
    port = free_addresses(("us-east-1",))[0].stream_port
    configuration = folder / "server.conf"
    configuration.write_text(valkey_document(port, folder))
    command = (str(find_stream_server()), str(configuration))
    answers = partial(answers_ping, port)
    server = Service(Program("the stream server", command, folder / "server.log", answers))
    server.start()
    try:
        server.wait_until_answering(60)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()


@pytest.fixture
async def on_server(server_url: str) -> AsyncIterator[OnServer]:
    """The port on the real server."""
    bench = OnServer(server_url)
    yield bench
    await bench.close()


@pytest.fixture(params=["memory", "faulty", pytest.param("server", marks=pytest.mark.processes)])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Each form of the port in turn."""
    if request.param == "server":
        found: Bench = request.getfixturevalue("on_server")
        return found
    return InMemory(wrapped=request.param == "faulty")

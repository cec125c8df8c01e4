"""A server without sockets that answers a number of Decrypts, for valgrind to count.

    python -m bench.counted FOLDER SUBJECT

One process of one subject: Keyspan's connection, or reference (f)'s, on a transport that keeps
nothing. It answers some requests to be warm, and then ends twice, by fork(2): one child ends at
once, the other answers COUNTED more. Both have the same past, so the difference of what valgrind
counts for them is the instructions of COUNTED requests and nothing else.

Both children write their number and what they did on standard output: "PID COUNT".
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import uvloop

from bench import operations
from bench.errors import BenchError
from bench.plan import Subject
from bench.references.minimum import Minimum
from bench.references.minimum_raw import Connection as RawConnection
from bench.replay import Signer
from bench.servers import REGION
from node.assembly import assemble, open_region
from node.cluster import ClusterFolder
from node.parts import real_world
from node.settings import NodeSettings, read_node_settings
from node.wire.http.connection import Connection, Shared
from node.wire.http.doors import Doors
from node.wire.http.site import Site
from node.wire.limits import DEFAULT_LIMITS
from node.wire.sigv4 import Scope

COUNTED: Final = 500
_WARM: Final = 200
_DIFFERENT: Final = 100
_SUCCESS: Final = b"HTTP/1.1 200 OK\r\n"


class Transport(asyncio.Transport):
    """Keeps the last answer, and how many were no success."""

    def __init__(self) -> None:
        super().__init__()
        self.last = b""
        self.failures = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.last = bytes(data)
        self.failures += not self.last.startswith(_SUCCESS)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 50_000) if name == "peername" else default

    def is_closing(self) -> bool:
        return False


async def keyspan(settings: NodeSettings) -> None:
    """Count Keyspan, everything on; the audit trail does not wait for the disk."""
    region = assemble(settings, real_world())
    await open_region(region)
    loop = asyncio.get_running_loop()
    shared = Shared(
        Site(region.protocol, DEFAULT_LIMITS),
        DEFAULT_LIMITS,
        loop,
        Doors(DEFAULT_LIMITS, region.refusals, loop.time),
        lambda _: None,
        lambda _: None,
        lambda: False,
    )
    transport, connection = Transport(), Connection(shared)
    connection.connection_made(transport)
    signer = _signer(settings)

    async def call(name: str, body: bytes) -> dict[str, Any]:
        response = await region.protocol.handle(signer.signed(name, body, time.time()))
        return _decoded(response.status, response.body)

    made = await call("CreateKey", json.dumps(operations.KEYS["Decrypt"]).encode())
    sealed = [await call("Encrypt", body) for body in _encryptions(made["KeyMetadata"]["KeyId"])]

    def receive(data: bytes) -> None:
        connection.data_received(data)
        region.audit.auditor.sink.end_turn()  # as the event loop does, which does not run meanwhile

    await _from_a_callback(lambda: _count(receive, transport, signer, sealed))


async def minimum(settings: NodeSettings) -> None:
    """Count reference (f)."""
    administrator = settings.administrator
    honest = Minimum(administrator.access_key_id, administrator.secret_access_key)
    transport, connection = Transport(), RawConnection(honest)
    connection.connection_made(transport)
    signer = _signer(settings)

    def call(name: str, body: bytes) -> dict[str, Any]:
        request = signer.replay(name, [body], time.time())[0]
        connection.data_received(request)
        head, _, answer = transport.last.partition(b"\r\n\r\n")
        return _decoded(int(head[9:12]), answer)

    sealed = [call("Encrypt", body) for body in _encryptions("reference")]
    _count(connection.data_received, transport, signer, sealed)


async def _from_a_callback(work: Callable[[], None]) -> None:
    """Do it as the event loop calls a protocol: from no task."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def call() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  told to who waits
            done.set_exception(error)
        else:
            done.set_result(None)

    loop.call_soon(call)
    await done


def _encryptions(key_id: str) -> tuple[bytes, ...]:
    return operations.bodies("Encrypt", _refused, key_id, _DIFFERENT)


def _refused(operation: str, _: bytes) -> Mapping[str, Any]:
    raise BenchError(f"{operation} is not called for a body")


def _decoded(status: int, body: bytes) -> dict[str, Any]:
    if status != HTTPStatus.OK:
        raise BenchError(f"a server that is to be counted answers {status}: {body!r}")
    return dict(json.loads(body))


def _count(
    receive: Callable[[bytes], None],
    transport: Transport,
    signer: Signer,
    sealed: Sequence[Mapping[str, Any]],
) -> None:
    """Warm up, then end twice. No callback of the loop runs meanwhile, so nothing is flushed."""
    bodies = [operations.decryption(answer, number) for number, answer in enumerate(sealed)]
    requests = itertools.cycle(signer.replay("Decrypt", bodies, time.time()))
    gc.freeze()
    loop = asyncio.get_running_loop()
    _answer(receive, requests, _WARM)
    if transport.failures:
        raise BenchError(f"a Decrypt that is to be counted fails: {transport.last!r}")
    for count in (0, COUNTED):
        if os.fork() == 0:
            asyncio._set_running_loop(loop)  # a child has none of its own
            _answer(receive, requests, count)
            os.write(1, f"{os.getpid()} {count} {transport.failures}\n".encode())
            os._exit(0)
        os.wait()


def _answer(receive: Callable[[bytes], None], requests: Iterator[bytes], count: int) -> None:
    for request in itertools.islice(requests, count):
        receive(request)


def _signer(settings: NodeSettings) -> Signer:
    host = f"{settings.host}:{settings.port}"
    return Signer(host, Scope(REGION, "kms"), settings.administrator)


_SUBJECTS: Final[Mapping[Subject, Callable[[NodeSettings], Any]]] = MappingProxyType(
    {Subject.KEYSPAN: keyspan, Subject.RAW: minimum}
)


def main(folder: str, subject: str) -> None:
    """Count one subject, with the cluster in `folder`."""
    file = ClusterFolder(Path(folder)).region(REGION).node_file
    settings = read_node_settings(file, os.environ)
    settings = replace(settings, audit=replace(settings.audit, asynchronous=True))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_SUBJECTS[Subject(subject)](settings))
    os._exit(0)  # what is open is of no interest, and this ends sooner under valgrind


if __name__ == "__main__":
    main(*sys.argv[1:])

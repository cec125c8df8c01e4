"""A port that several processes share, and nobody else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from node.workers import port
from node.workers.port import held

LOOPBACK = "127.0.0.1"


@contextmanager
def listening(number: int = 0, *, shared: bool) -> Iterator[int]:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)
        one.bind((LOOPBACK, number))
        one.listen()
        yield one.getsockname()[1]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "DYING_SECONDS", 0.0)


async def test_processes_that_share_a_held_port_may_listen_there_and_nobody_else() -> None:
    async with held(LOOPBACK, 0) as number:
        with listening(number, shared=True) as one, listening(number, shared=True) as other:
            assert one == other == number
            with pytest.raises(OSError, match="in use"), listening(number, shared=False):
                pass


@pytest.mark.parametrize("shared", [False, True])
async def test_a_port_that_another_node_listens_on_is_refused(shared: bool) -> None:
    with listening(shared=shared) as number, pytest.raises(OSError, match="in use"):
        async with held(LOOPBACK, number):
            pass


async def test_a_port_that_is_let_go_meanwhile_is_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "DYING_SECONDS", 60.0)
    with listening(shared=True) as number:
        context = held(LOOPBACK, number)
        waiting = asyncio.create_task(context.__aenter__())
        await asyncio.sleep(0)
        assert not waiting.done()
    assert await waiting == number
    await context.__aexit__(None, None, None)

"""Load generators: what they say, and the one that is ours."""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import BenchError
from bench.load.generator import FALLBACK, Generator, Load, generator
from bench.load.result import LoadResult, percentile, read_result, result_of, written
from bench.load.sockets import Replayer, Tally, parsed, replay

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
REFUSAL = b"HTTP/1.1 400 Bad Request\r\ncontent-length:3\r\n\r\nno!"
EMPTY = b"HTTP/1.1 200 OK\r\nServer: Keyspan\r\n\r\n"
LOAD = Load("127.0.0.1:4601", Path("replay"), 32, 4)
FROM_WRK = """Running 1s test @ http://127.0.0.1:1/
  2 requests in 1.00s, 1.00KB read

{"requests": 2, "seconds": 1.0, "p50": 9.0, "p99": 9.5, "p999": 9.9, "refused": 1, "broken": 2}
"""


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def abort(self) -> None:
        self.aborted = True


def connected() -> tuple[Replayer, Transport, Tally]:
    tally, transport = Tally(), Transport()
    replayer = Replayer(itertools.cycle([b"one", b"two"]), tally)
    replayer.connection_made(transport)
    return replayer, transport, tally


def test_the_last_line_of_a_generator_is_its_result() -> None:
    result = read_result(FROM_WRK, LoadResult)
    assert result.requests == 2
    assert result.failures == 3


@pytest.mark.parametrize("output", ["", "\n", "wrk: unable to connect", '{"requests": 1}', "[]"])
def test_output_without_a_result_is_refused(output: str) -> None:
    with pytest.raises(BenchError, match="gave no result"):
        read_result(output, LoadResult)


@given(latencies=st.lists(st.floats(1e-6, 1.0), max_size=50))
def test_a_result_of_our_own_is_read_as_it_was(latencies: list[float]) -> None:
    result = result_of(latencies, seconds=1.0, refused=1, broken=2)
    assert read_result(written(result), LoadResult) == result
    assert result.p50 <= result.p99 <= result.p999


@given(values=st.lists(st.integers(), min_size=1), share=st.floats(0.0, 1.0))
def test_a_percentile_is_one_of_the_values(values: list[int], share: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in ordered
    assert sum(value < found for value in ordered) <= share * len(ordered)


@pytest.mark.parametrize(("answer", "status"), [(GOOD, 200), (REFUSAL, 400), (EMPTY, 200)])
def test_an_answer_is_parsed_once_it_is_complete(answer: bytes, status: int) -> None:
    assert parsed(answer + b"more") == (len(answer), status)
    assert all(parsed(answer[:size]) is None for size in range(len(answer)))


def test_the_next_request_waits_for_the_whole_answer() -> None:
    replayer, transport, tally = connected()
    for byte in GOOD[:-1]:
        replayer.data_received(bytes([byte]))
    assert transport.sent == [b"one"]
    replayer.data_received(GOOD[-1:])
    assert transport.sent == [b"one", b"two"]
    assert (len(tally.latencies), tally.refused) == (1, 0)


def test_a_refusal_is_counted() -> None:
    replayer, _, tally = connected()
    replayer.data_received(REFUSAL)
    assert (len(tally.latencies), tally.refused) == (1, 1)


def test_a_connection_that_breaks_is_counted_once() -> None:
    replayer, transport, tally = connected()
    replayer.connection_lost(None)
    replayer.finish()
    replayer.data_received(GOOD)
    assert (tally.broken, len(tally.latencies), transport.aborted) == (1, 0, False)


def test_a_connection_that_we_end_is_not_broken() -> None:
    replayer, transport, tally = connected()
    replayer.finish()
    replayer.connection_lost(None)
    assert (tally.broken, transport.aborted) == (0, True)


def test_a_generator_that_fails_is_told_of() -> None:
    failing = Generator("it", lambda _: (sys.executable, "-c", "raise SystemExit('no route')"))
    with pytest.raises(BenchError, match="it failed: no route"):
        failing.run(LOAD)


def test_without_wrk_the_fallback_is_taken_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert generator() is FALLBACK
    assert "fallback" in FALLBACK.name
    assert FALLBACK.command(LOAD)[-3:] == ("127.0.0.1:4601", "32", "4")


async def _counted(answers: int) -> tuple[list[bytes], LoadResult]:
    """Replays to a server until it has answered so often; gives what it received."""
    received: list[bytes] = []
    enough = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(len(b"one")):
            received.append(request)
            writer.write(GOOD)
            if len(received) >= answers:
                enough.set()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        return received, await replay(host, port, 3, [b"one", b"two"], enough.wait())


def test_requests_are_replayed_in_turn_over_real_connections() -> None:
    received, result = uvloop.run(_counted(answers=100))
    assert {received.count(b"one") - received.count(b"two")} <= {-1, 0, 1}
    assert 90 <= result.requests <= len(received)
    assert result.failures == 0

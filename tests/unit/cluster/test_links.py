"""Links over real sockets: carried, cut, silenced, slowed and healed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from node.cluster import ClusterError
from node.cluster.acts import OPEN, Shape, State
from node.cluster.addresses import free_addresses
from node.cluster.links import Links, links_between

PATIENCE_SECONDS = 20.0
A, B = "us-east-1", "eu-west-1"
CUT, SILENT = Shape(State.CUT), Shape(State.SILENT)


class Echo:
    """A server that answers with what it gets."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
            except OSError:
                pass


@pytest.fixture
def links() -> Iterator[Links]:
    """B reads A's "log", which echoes."""
    with closing(Echo()) as echo:
        made = Links({(A, B): echo.port})
        made.start()
        yield made
        made.stop()


def connected(links: Links) -> socket.socket:
    port = urlsplit(links.streams_for(B)[A]).port
    return socket.create_connection(("127.0.0.1", port or 0), PATIENCE_SECONDS)


def echoed(connection: socket.socket, data: bytes) -> bytes:
    connection.sendall(data)
    received = b""
    while len(received) < len(data):
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("closed")
        received += part
    return received


def test_an_open_link_carries_everything(links: Links) -> None:
    data = bytes(range(256)) * 4096
    with connected(links) as connection:
        connection.sendall(b"")
        sender = threading.Thread(target=connection.sendall, args=(data,))
        sender.start()
        received = b""
        while len(received) < len(data):
            received += connection.recv(65536)
        sender.join()
    assert received == data


def test_a_cut_breaks_connections_and_refuses_new_ones(links: Links) -> None:
    with connected(links) as before:
        assert echoed(before, b"x") == b"x"
        links.reshape(A, B, CUT)
        with pytest.raises(ConnectionError):
            echoed(before, b"x" * 10_000_000)  # the last bytes of before may still come
    with connected(links) as refused, pytest.raises(ConnectionError):
        echoed(refused, b"x")
    links.reshape(A, B, OPEN)
    with connected(links) as after:
        assert echoed(after, b"x") == b"x"


def test_silence_keeps_connections_and_delivers_after_it(links: Links) -> None:
    with connected(links) as before:
        assert echoed(before, b"x") == b"x"
        links.reshape(A, B, SILENT)
        before.settimeout(0.2)
        with pytest.raises(TimeoutError):
            echoed(before, b"y")
        with connected(links) as during:
            during.settimeout(0.2)
            with pytest.raises(TimeoutError):
                echoed(during, b"z")
            links.reshape(A, B, OPEN)
            for connection, expected in ((before, b"y"), (during, b"z")):
                connection.settimeout(PATIENCE_SECONDS)
                assert connection.recv(1) == expected


def test_a_slow_link_takes_its_time_each_way(links: Links) -> None:
    links.reshape(A, B, Shape(latency_seconds=0.1))
    with connected(links) as connection:
        started = time.monotonic()
        assert echoed(connection, b"x") == b"x"
        assert time.monotonic() - started >= 0.2


def test_a_narrow_link_takes_its_time_for_much(links: Links) -> None:
    links.reshape(A, B, Shape(bandwidth=100_000))
    with connected(links) as connection:
        started = time.monotonic()
        assert echoed(connection, b"x" * 20_000) == b"x" * 20_000
        assert time.monotonic() - started >= 0.2


def test_a_server_that_is_down_looks_like_one() -> None:
    with closing(Echo()) as echo:
        port = echo.port
    made = Links({(A, B): port})
    made.start()
    try:
        with connected(made) as connection, pytest.raises(ConnectionError):
            echoed(connection, b"x")
    finally:
        made.stop()


def test_a_link_that_there_is_not(links: Links) -> None:
    with pytest.raises(ClusterError, match="There is no link from"):
        links.reshape(B, B, CUT)


def test_one_for_each_ordered_pair() -> None:
    made = links_between(free_addresses((A, B, "ap-southeast-2")))
    assert len(made.shapes()) == 6
    assert set(made.streams_for(A)) == {B, "ap-southeast-2"}
    assert set(made.shapes().values()) == {OPEN}
    made.stop()

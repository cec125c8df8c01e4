"""The client that asks one thing again and again reads whole answers, however they come in."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence

import pytest

from bench.errors import BenchError
from bench.replay import Signer
from bench.sections.watching import Watch
from node.settings import Administrator
from node.wire.sigv4 import Scope

ADMINISTRATOR = Administrator(
    "111122223333", "arn:aws:iam::111122223333:user/administrator", "AKIAEXAMPLE", "secret"
)


def answered(parts: Sequence[bytes]) -> tuple[dict[str, object], bytes]:
    """What a watch makes of an answer that comes in these parts, and what it had sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[bytes] = []

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                heard.append(connection.recv(65_536))
                for part in parts:
                    connection.sendall(part)

        thread = threading.Thread(target=serve)
        thread.start()
        host = f"127.0.0.1:{server.getsockname()[1]}"
        watch = Watch(
            Signer(host, Scope("us-east-1", "kms"), ADMINISTRATOR), "DescribeKey", b'{"KeyId":"k"}'
        )
        try:
            return watch.ask(), heard[0]
        finally:
            watch.close()
            thread.join()


@pytest.mark.parametrize("at", [1, 16, 37, 40, 45])
def test_an_answer_is_read_to_its_end(at: int) -> None:
    whole = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}'
    found, sent = answered([whole[:at], whole[at:]])
    assert found == {"a": 1}
    assert sent.startswith(b"POST / HTTP/1.1\r\n")
    assert sent.endswith(b'\r\n\r\n{"KeyId":"k"}')


def test_a_connection_that_ends_early_is_said() -> None:
    with pytest.raises(BenchError, match="before it had answered"):
        answered([b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"])

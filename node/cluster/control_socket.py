"""How `keyspan up` takes orders from another terminal: one act and one answer per connection.

A Unix socket in a folder of its own that only its owner can enter. `up.json` says where; it is not
in the cluster's folder, as the path of a socket may have about a hundred bytes (unix(7), sun_path).
Orders are carried out one after the other by the thread that calls `wait`, because the processes
that it starts die with it.
"""

from __future__ import annotations

import contextlib
import selectors
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from node.cluster.acts import Act, Controls
from node.cluster.errors import ClusterError

__all__ = ["ControlServer", "RemoteControls", "control_server"]

_LONGEST_MESSAGE: Final = 64 * 1024
_ORDER_SECONDS: Final = 5.0  # from the connection to the whole order
_ANSWER_SECONDS: Final = 150.0  # starting two processes may take up to a minute each
_BACKLOG: Final = 16


class _Answer(msgspec.Struct, frozen=True):
    """What was done, or why not."""

    said: list[str]
    refused: str | None = None


class ControlServer:
    """Takes orders at a socket. `done` is called after each, before it is answered."""

    def __init__(self, listener: socket.socket, path: Path) -> None:
        self.path = path
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)

    def wait(self, seconds: float, controls: Controls, done: Callable[[list[str]], None]) -> None:
        """Carry out the next order, or return after the time without one."""
        if not self._selector.select(seconds):
            return
        try:
            connection, _ = self._listener.accept()
        except OSError:  # whoever came has gone
            return
        with connection:
            connection.settimeout(_ORDER_SECONDS)
            with contextlib.suppress(OSError):
                answer = _carried_out(_received(connection), controls, done)
                connection.sendall(msgspec.json.encode(answer))

    def close(self) -> None:
        self._selector.close()
        self._listener.close()


@contextmanager
def control_server() -> Iterator[ControlServer]:
    """A server at a new socket, which is removed after the block."""
    folder = Path(tempfile.mkdtemp(prefix="keyspan-"))  # of mode 0700
    path = folder / "control"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            listener.listen(_BACKLOG)
            server = ControlServer(listener, path)
            try:
                yield server
            finally:
                server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class RemoteControls:
    """The controls of a cluster that another process runs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def act(self, act: Act) -> list[str]:
        """See `Controls`."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(_ANSWER_SECONDS)
                connection.connect(str(self._path))
                connection.sendall(msgspec.json.encode(act))
                connection.shutdown(socket.SHUT_WR)
                answer = msgspec.json.decode(_received(connection), type=_Answer)
        except (OSError, msgspec.MsgspecError):
            raise ClusterError(
                "`keyspan up` did not answer; see what it says in its own terminal."
            ) from None
        if answer.refused is not None:
            raise ClusterError(answer.refused)
        return answer.said


def _carried_out(order: bytes, controls: Controls, done: Callable[[list[str]], None]) -> _Answer:
    try:
        act: Act = msgspec.json.decode(order, type=Act)
    except msgspec.MsgspecError as error:
        return _Answer([], f"`keyspan up` does not know such an order ({error}).")
    try:
        said = controls.act(act)
    except ClusterError as error:
        done([])
        return _Answer([], str(error))
    done(said)
    return _Answer(said)


def _received(connection: socket.socket) -> bytes:
    """All that the other side sends, up to a limit."""
    parts: list[bytes] = []
    size = 0
    while size <= _LONGEST_MESSAGE and (part := connection.recv(_LONGEST_MESSAGE)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)

"""What the rules for a link between containers do to real packets, in two network namespaces.

Docker is not needed for it, but root is: where that, or a tool, is missing, the test is skipped.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from node.cluster import ClusterError
from node.cluster.acts import OPEN, Shape, State
from node.cluster.compose import link_rules, needs_carrier, run_command
from node.cluster.link_process import end_links, link_command
from tests.harness.cluster import eventually

TOOLS = ("unshare", "nsenter", "setsid", "ip", "iptables")

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or not all(map(shutil.which, TOOLS)),
        reason=f"needs root on Linux, and {', '.join(TOOLS)}",
    ),
]

ORIGIN, READER = "10.99.0.1", "10.99.0.2"
NAME = "ap-southeast-2"
ECHO = f"""
import socket, sys, threading
connections = []
def answer(connection):
    while data := connection.recv(100):
        connection.sendall(data)
def serve(listener):
    while True:
        connections.append(listener.accept()[0])
        threading.Thread(target=answer, args=connections[-1:], daemon=True).start()
listener = socket.create_server(("{ORIGIN}", 6379))
threading.Thread(target=serve, args=[listener], daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    for connection in connections:
        connection.sendall(b"late")
    print("sent", flush=True)
"""
CLIENT = f"""
import socket, sys
def outcome(work):
    try:
        return work()
    except OSError as error:
        return type(error).__name__
def ask(connection):
    connection.sendall(b"x")
    return listen(connection)
def listen(connection):
    return "answered" if connection.recv(100) else "closed"
def connect():
    return socket.create_connection(("{ORIGIN}", 6379), 1.0)
kept = connect()
for line in sys.stdin:
    if line.strip() == "listen":
        print(outcome(lambda: listen(kept)), flush=True)
    else:
        print(outcome(lambda: ask(kept)), outcome(lambda: ask(connect())), flush=True)
"""


class Network:
    """An origin and a reader, each in a namespace of its own, joined by a pair of interfaces."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._origin = self._process(["unshare", "--net", "sleep", "300"])
        self._reader = self._process(["unshare", "--net", "sleep", "300"])
        for process in (self._origin, self._reader):
            eventually(partial(_moved_away, process.pid), "none")
        pair = ["ip", "link", "add", "o", "netns", str(self._origin.pid), "type", "veth"]
        run_command([*pair, "peer", "name", "r", "netns", str(self._reader.pid)])
        for process, interface, address in (
            (self._origin, "o", ORIGIN),
            (self._reader, "r", READER),
        ):
            for words in (
                ["address", "add", f"{address}/24", "dev", interface],
                ["link", "set", interface, "up"],
                ["link", "set", "lo", "up"],
            ):
                run_command([*_inside(process), "ip", *words])
        self._server = self._python(self._origin, ECHO)
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == "ready\n"

    def client(self) -> subprocess.Popen[str]:
        """One that keeps a connection, and tells how it does, and a new one, for each line."""
        return self._python(self._reader, CLIENT)

    def answer_late(self) -> None:
        """The origin sends on every connection that it has, as it does to a blocked read."""
        assert asked(self._server) == ["sent"]

    def reshape(self, shape: Shape) -> None:
        pid = self._reader.pid
        end_links(NAME, pid)
        port = None
        if needs_carrier(shape):
            words = ["setsid", "--fork", *_inside(self._reader), *link_command(NAME, pid, shape)]
            port = int(run_command(words))
        for command in link_rules(NAME, [ORIGIN], shape, port):
            with contextlib.suppress(*([ClusterError] if command.may_fail else [])):
                run_command([*_inside(self._reader), *command.words])

    def carriers(self) -> int:
        """How many processes carry the link; they are told to end."""
        return end_links(NAME, self._reader.pid)

    def end_reader(self) -> None:
        """As a container that is killed: its namespace is to go with it."""
        self._reader.kill()
        self._reader.wait()

    def _python(self, place: subprocess.Popen[str], code: str) -> subprocess.Popen[str]:
        return self._process([*_inside(place), sys.executable, "-c", code])

    def _process(self, words: list[str]) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)
        self._stack.enter_context(process)
        self._stack.callback(process.kill)
        return process


@contextmanager
def network() -> Iterator[Network]:
    with ExitStack() as stack:
        yield Network(stack)


def _inside(process: subprocess.Popen[str]) -> list[str]:
    return ["nsenter", "--target", str(process.pid), "--net"]


def _moved_away(pid: int) -> bool:
    """Whether a process has its own network namespace by now."""
    return _namespace(pid) != _namespace(os.getpid())


def _namespace(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())


def asked(client: subprocess.Popen[str], word: str = "") -> list[str]:
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(f"{word}\n")
    client.stdin.flush()
    return client.stdout.readline().split()


def test_rules_do_what_they_say() -> None:
    with network() as made:
        client = made.client()
        assert asked(client) == ["answered", "answered"]
        made.reshape(Shape(State.SILENT))
        assert asked(client) == ["TimeoutError", "TimeoutError"]
        made.reshape(OPEN)  # what was lost is sent again when TCP thinks it is time
        eventually(lambda: asked(client) == ["answered", "answered"], "it does not go on")
        made.reshape(Shape(loss=0.05))
        made.reshape(Shape(State.CUT))
        assert asked(client) == ["ConnectionResetError", "ConnectionRefusedError"]
        made.reshape(OPEN)
        assert asked(client)[1] == "answered"


def test_a_slow_link_delays_both_ways_and_a_healed_one_does_not_go_there() -> None:
    with network() as made:
        client = made.client()
        assert asked(client) == ["answered", "answered"]
        made.reshape(Shape(latency_seconds=0.15))
        begun = time.monotonic()
        assert asked(client) == ["ConnectionResetError", "answered"]  # the old one begins anew
        assert time.monotonic() - begun >= 0.3
        made.reshape(Shape(State.CUT))
        assert asked(client)[1] == "ConnectionRefusedError"
        made.reshape(OPEN)
        assert asked(client)[1] == "answered"
        eventually(lambda: made.carriers() == 0, "a process still carries a link that is healed")


def test_what_carries_a_link_ends_with_the_reader() -> None:
    with network() as made:
        made.reshape(Shape(latency_seconds=0.01))
        namespace = Path(f"/proc/{made._reader.pid}/ns/net").readlink()
        assert len(_carriers_in(namespace)) == 1
        made.end_reader()
        eventually(lambda: _carriers_in(namespace) == [], "a process keeps the namespace alive")


def _carriers_in(namespace: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "ns" / "net").readlink() == namespace:
                found.append((process / "cmdline").read_text())
    return [each for each in found if "link_process" in each]


def test_what_was_asked_before_a_cut_is_not_answered_after_it() -> None:
    with network() as made:
        client = made.client()
        assert asked(client)[0] == "answered"
        made.reshape(Shape(State.CUT))
        made.answer_late()
        assert asked(client, "listen") == ["TimeoutError"]
        assert asked(client)[0] == "ConnectionResetError"

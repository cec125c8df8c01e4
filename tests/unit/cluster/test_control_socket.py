"""Orders to `keyspan up`: carried out, refused, or not understood, and always answered."""

from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.cluster import ClusterError
from node.cluster.acts import Act, LinkAct, LinksShown, Part, RegionAct, Shape, State, Verb
from node.cluster.control_socket import ControlServer, RemoteControls, control_server

ACTS: tuple[Act, ...] = (
    RegionAct(Verb.KILL, "us-east-1", (Part.NODE,)),
    RegionAct(Verb.START, "us-east-1"),
    LinkAct((("a", "b"), ("b", "a")), Shape(State.SILENT)),
    LinkAct((("a", "b"),), Shape(latency_seconds=0.08, loss=0.01, bandwidth=9)),
    LinksShown(),
)


class Recorder:
    """Controls that keep what they are told, and refuse one region."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.told: list[list[str]] = []

    def act(self, act: Act) -> list[str]:
        self.acts.append(act)
        if isinstance(act, RegionAct) and act.region == "mars-1":
            raise ClusterError("mars-1 is not a region of this cluster.")
        return ["done", "well"]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def server(recorder: Recorder) -> Iterator[ControlServer]:
    ended = threading.Event()

    def serve(made: ControlServer) -> None:
        while not ended.is_set():
            made.wait(0.05, recorder, recorder.told.append)

    with control_server() as made:
        thread = threading.Thread(target=serve, args=(made,))
        thread.start()
        yield made
        ended.set()
        thread.join()


@pytest.mark.parametrize("act", ACTS)
def test_every_act_arrives_as_it_was_sent(
    server: ControlServer, recorder: Recorder, act: Act
) -> None:
    assert RemoteControls(server.path).act(act) == ["done", "well"]
    assert recorder.acts == [act]
    assert recorder.told == [["done", "well"]]


def test_a_refusal_comes_back_as_it_was_raised(server: ControlServer) -> None:
    with pytest.raises(ClusterError, match="mars-1 is not a region of this cluster"):
        RemoteControls(server.path).act(RegionAct(Verb.KILL, "mars-1"))


@pytest.mark.parametrize("order", [b"", b"{", b"[]", b'{"type": "burn"}', b"\xff" * 70_000])
def test_what_is_no_order_is_answered_and_does_no_harm(
    server: ControlServer, recorder: Recorder, order: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server.path))
        try:
            connection.sendall(order)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(4096)
            assert b"does not know such an order" in answer
        except (BrokenPipeError, ConnectionResetError):
            assert len(order) > 65_536  # it was not read to its end
    assert recorder.acts == []
    assert RemoteControls(server.path).act(LinksShown()) == ["done", "well"]


def test_one_that_sends_nothing_and_goes_does_no_harm(server: ControlServer) -> None:
    for _ in range(3):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(server.path))
    assert RemoteControls(server.path).act(LinksShown()) == ["done", "well"]


def test_only_the_owner_can_reach_it_and_nothing_stays() -> None:
    with control_server() as made:
        assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    assert not made.path.parent.exists()


def test_a_server_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="`keyspan up` did not answer"):
        RemoteControls(tmp_path / "control").act(LinksShown())

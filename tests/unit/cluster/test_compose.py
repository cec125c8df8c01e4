"""What is asked of Docker for each act, and what becomes of its refusals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from node.cluster import ClusterError
from node.cluster.acts import OPEN, LinkAct, LinksShown, Part, RegionAct, Shape, State, Verb
from node.cluster.compose import ComposeControls, needs_carrier

FILE = Path("compose.yaml")
REGION = "us-east-1"


class Docker:
    """Answers like Docker, of containers in one state, and keeps what was asked for."""

    def __init__(self, state: str = "running") -> None:
        self.state = state
        self.asked: list[str] = []
        self.port = "7001\n"

    def __call__(self, words: Sequence[str]) -> str:
        line = " ".join(words)
        if "ps --all --quiet" in line:
            return "" if "mars" in line else f"id-of-{words[-1]}\n"
        if line.startswith("docker inspect"):
            address = "198.18.0.7" if "valkey" in line else "198.18.0.9"
            state = {"Status": self.state, "Pid": 4242, "Health": {"Status": "healthy"}}
            networks = {"backbone": {"IPAddress": address}, "own": {"IPAddress": ""}}
            return json.dumps([{"State": state, "NetworkSettings": {"Networks": networks}}])
        if "version" not in line:
            self.asked.append(line)
        if line.startswith("setsid"):
            return self.port
        if "--delete" in line or "--new-chain" in line:
            raise ClusterError("iptables: Bad rule.")
        return ""


def test_a_stream_server_is_wiped_by_the_loss_of_its_disk() -> None:
    docker = Docker()
    wipe = RegionAct(Verb.WIPE, REGION, (Part.STREAM,))
    assert ComposeControls(FILE, docker).act(wipe) == [
        "valkey-us-east-1 lost its disk, and is healthy"
    ]
    compose = "docker compose --file compose.yaml"
    assert docker.asked == [
        f"{compose} exec -T valkey-us-east-1 sh -c rm -rf /data/*",
        f"{compose} kill valkey-us-east-1",
        f"{compose} start valkey-us-east-1",
    ]


@pytest.mark.parametrize("state", ["exited", "paused"])
def test_a_stream_server_that_does_not_run_is_not_wiped(state: str) -> None:
    wipe = RegionAct(Verb.WIPE, REGION, (Part.STREAM,))
    with pytest.raises(ClusterError, match=f"is {state}, and cannot be wiped; start it first"):
        ComposeControls(FILE, Docker(state)).act(wipe)


@pytest.mark.parametrize(
    ("verb", "word"),
    [
        (Verb.KILL, "kill"),
        (Verb.STOP, "stop"),
        (Verb.START, "start"),
        (Verb.PAUSE, "pause"),
    ],
)
def test_verbs_of_a_region(verb: Verb, word: str) -> None:
    docker = Docker()
    said = ComposeControls(FILE, docker).act(RegionAct(verb, REGION))
    assert docker.asked == [
        f"docker compose --file compose.yaml {word} valkey-us-east-1",
        f"docker compose --file compose.yaml {word} node-us-east-1",
    ]
    assert len(said) == 2


def test_a_part_alone_goes_on() -> None:
    docker = Docker("paused")
    said = ComposeControls(FILE, docker).act(RegionAct(Verb.RESUME, REGION, (Part.NODE,)))
    assert docker.asked == ["docker compose --file compose.yaml unpause node-us-east-1"]
    assert said == ["node-us-east-1 goes on"]


@pytest.mark.parametrize("verb", [Verb.KILL, Verb.STOP, Verb.PAUSE, Verb.RESUME])
def test_one_that_is_down_is_left_alone(verb: Verb) -> None:
    docker = Docker("exited")
    said = ComposeControls(FILE, docker).act(RegionAct(verb, REGION, (Part.NODE,)))
    assert docker.asked == []
    assert said == ["node-us-east-1 is exited"]


def test_a_region_without_containers() -> None:
    with pytest.raises(ClusterError, match="runs no container valkey-mars-1"):
        ComposeControls(FILE, Docker()).act(RegionAct(Verb.KILL, "mars-1"))


def rules(shape: Shape) -> list[str]:
    docker, ended = Docker(), []
    controls = ComposeControls(FILE, docker, lambda origin, pid: ended.append((origin, pid)))
    controls.act(LinkAct(((REGION, "eu-west-1"),), shape))
    assert ended == [(REGION, 4242)]  # whatever carried it before carries it no longer
    begun = [line for line in docker.asked if line.startswith("setsid")]
    docker.asked = [line for line in docker.asked if line not in begun]
    assert len(begun) == needs_carrier(shape)
    assert all(line.startswith("nsenter --target 4242 --net iptables") for line in docker.asked)
    return [line.partition("iptables --wait ")[2] for line in docker.asked]


def test_a_link_is_cut_in_the_readers_namespace() -> None:
    made = rules(Shape(State.CUT))
    assert "--flush KS-us-east-1-out" in made
    assert "--insert OUTPUT --destination 198.18.0.7 --jump KS-us-east-1-out" in made
    assert "--insert INPUT --source 198.18.0.7 --jump KS-us-east-1-in" in made
    refused = "--protocol tcp --jump REJECT --reject-with tcp-reset"
    assert f"--append KS-us-east-1-out {refused}" in made
    late = "--protocol tcp ! --tcp-flags RST RST --jump DROP"
    assert f"--append KS-us-east-1-in {late}" in made


def test_a_silent_link_drops_and_a_lossy_one_drops_some() -> None:
    assert "--append KS-us-east-1-out --jump DROP" in rules(Shape(State.SILENT))
    lossy = [line for line in rules(Shape(loss=0.05)) if line.startswith("--append")]
    assert len(lossy) == 2
    assert all("--probability 0.0500 --jump DROP" in line for line in lossy)


def test_a_healed_link_has_no_rules() -> None:
    made = rules(OPEN)
    assert "--flush KS-us-east-1-out" in made
    assert "--table nat --flush KS-us-east-1-slow" in made
    assert not [line for line in made if "--append" in line]


def test_a_slow_link_is_led_through_a_process() -> None:
    made = rules(Shape(latency_seconds=0.08, loss=0.01))
    redirect = "--protocol tcp --jump REDIRECT --to-ports 7001"
    assert f"--table nat --append KS-us-east-1-slow {redirect}" in made
    unmarked = "--match mark ! --mark 19283"
    assert (
        f"--table nat --insert OUTPUT --destination 198.18.0.7 {unmarked} --jump KS-us-east-1-slow"
        in made
    )
    older = [line for line in made if line.startswith("--append KS-us-east-1-out")]
    assert older == [
        f"--append KS-us-east-1-out {unmarked} --protocol tcp --jump REJECT --reject-with tcp-reset"
    ]


def test_a_process_that_does_not_start_is_said() -> None:
    docker = Docker()
    docker.port = ""
    slow = LinkAct(((REGION, "eu-west-1"),), Shape(latency_seconds=0.08))
    with pytest.raises(ClusterError, match="did not start"):
        ComposeControls(FILE, docker, lambda *_: 0).act(slow)
    assert not [line for line in docker.asked if "iptables" in line]


def test_what_containers_cannot_do_is_said() -> None:
    controls = ComposeControls(FILE, Docker())
    with pytest.raises(ClusterError, match="is not kept for containers"):
        controls.act(LinksShown())

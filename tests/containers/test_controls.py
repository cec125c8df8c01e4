"""`keyspan region`, `link` and `drill` with `--compose`: the same commands, on containers."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from node.cli import main
from tests.containers.stack import PROJECT, REPOSITORY, Stack
from tests.harness.cluster import eventually

LOST, OTHER, THIRD = "us-east-1", "eu-west-1", "ap-southeast-2"
Keyspan = Callable[..., str]


@pytest.fixture
def keyspan(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Keyspan:
    """Runs a command with `--compose`, and gives what it printed."""
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", PROJECT)
    file = stack.project.files.root.parents[1] / "compose.yaml"
    shutil.copy(REPOSITORY / "compose.yaml", file)

    def run(*words: str, status: int = 0) -> str:
        with redirect_stdout(StringIO()) as output, redirect_stderr(output):
            ended = main([*words, "--compose", str(file)])
        assert ended == status, output.getvalue()
        return output.getvalue()

    return run


def running(stack: Stack, service: str) -> str:
    return str(stack.inspect(service)["State"]["Status"])


def test_a_region_killed_and_started(stack: Stack, keyspan: Keyspan) -> None:
    key_id = stack.replicated_key(LOST, [OTHER])
    blob = stack.kms(LOST).encrypt(KeyId=key_id, Plaintext=b"before")["CiphertextBlob"]
    assert f"node-{LOST} was killed" in keyspan("region", "kill", LOST)
    assert running(stack, f"node-{LOST}") == running(stack, f"valkey-{LOST}") == "exited"
    assert f"node-{LOST} is exited" in keyspan("region", "kill", LOST)
    assert stack.kms(OTHER).decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"
    keyspan("region", "start", LOST)
    assert stack.kms(LOST).decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"
    stack.wait_until_caught_up()


def test_a_stream_that_stands_still(stack: Stack, keyspan: Keyspan) -> None:
    keyspan("region", "pause", LOST, "--stream")
    assert running(stack, f"valkey-{LOST}") == "paused"
    assert running(stack, f"node-{LOST}") == "running"
    eventually(lambda: stack.status(OTHER).peers[LOST].state == "unreachable", "nobody misses it")
    keyspan("region", "resume", LOST)
    stack.wait_until_caught_up()


@pytest.mark.skipif(os.geteuid() != 0, reason="iptables needs root")
@pytest.mark.parametrize("cut", [["cut"], ["cut", "--silent"]])
def test_one_link_alone(stack: Stack, keyspan: Keyspan, cut: list[str]) -> None:
    keyspan("link", *cut, LOST, OTHER)
    try:
        key_id = stack.new_key(LOST, [OTHER, THIRD])
        stack.wait_until_enabled(key_id, [THIRD])

        def missed() -> bool:
            found = (stack.status(OTHER).peers[LOST], stack.status(LOST).peers[OTHER])
            return all(peer.state == "unreachable" for peer in found)

        eventually(missed, "the two do not miss each other")
        eventually(lambda: stack.status(THIRD).caught_up, "the third one misses something")
        missing = stack.kms(OTHER).exceptions.NotFoundException
        with pytest.raises(missing):
            stack.kms(OTHER).describe_key(KeyId=key_id)
    finally:
        keyspan("link", "heal", LOST, OTHER)
    stack.wait_until_enabled(key_id, [OTHER])
    stack.wait_until_caught_up()


@pytest.mark.skipif(os.geteuid() != 0, reason="iptables needs root")
def test_a_slow_link_only_delays(stack: Stack, keyspan: Keyspan) -> None:
    said = keyspan("link", "slow", LOST, OTHER, "--latency", "50ms", "--jitter", "10ms")
    assert said.count("50 ms each way, ± 10 ms") == 2
    try:
        key_id = stack.new_key(LOST, [OTHER])
        stack.wait_until_enabled(key_id, [OTHER])
    finally:
        keyspan("link", "heal", LOST, OTHER)
    stack.wait_until_caught_up()


def test_a_stream_that_loses_everything(stack: Stack, keyspan: Keyspan) -> None:
    """The node writes it anew, and its readers go on where they were."""
    stack.execute(f"valkey-{LOST}", "touch", "/data/of-the-old-disk")
    assert "lost its disk" in keyspan("region", "wipe", LOST)
    assert "old" not in stack.execute(f"valkey-{LOST}", "ls", "/data")
    stack.replicated_key(LOST, [OTHER])
    stack.wait_until_caught_up()


def test_what_containers_cannot_do(keyspan: Keyspan) -> None:
    assert "GetClock is not supported" in keyspan("clock", "show", status=1)


def test_a_drill(stack: Stack, keyspan: Keyspan, tmp_path: Path) -> None:
    said = keyspan("drill", "region-loss", "--report", str(tmp_path))
    assert "Passed" in said
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["check"]["opened"] == 3 * report["check"]["ciphertexts"] > 300
    assert report["measures"]["requests_by_region"][LOST]["refused"] > 0
    stack.wait_until_caught_up()

"""`keyspan region`, `link` and `clock` on a cluster that `keyspan up` runs in another process."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cluster import eventually
from tests.harness.up import Up, first_port, gone, up

pytestmark = pytest.mark.processes

HOME, OTHER = "us-east-1", "eu-west-1"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Two regions with links and a movable clock; a test leaves them whole."""
    folder = tmp_path_factory.mktemp("up")
    with up(folder, first_port(4), (HOME, OTHER), "--links", "--movable-clock") as made:
        made.wait_until_ready()
        yield made
        assert made.end(signal.SIGTERM) == 0


def entry(running: Up, region: str) -> dict[str, Any]:
    found: dict[str, Any] = running.ready["regions"][region]
    return found


def related_key(running: Up) -> str:
    """A key of both regions, led by HOME."""
    kms = running.kms(HOME)
    key_id = str(kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"])
    kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER)
    eventually(lambda: state(running, OTHER, key_id) == "Enabled", "the replica is not enabled")
    return key_id


def state(running: Up, region: str, key_id: str) -> str:
    try:
        return str(running.kms(region).describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])


def rotated_once(running: Up, region: str, key_id: str) -> bool:
    return len(running.kms(region).list_key_rotations(KeyId=key_id)["Rotations"]) == 1


@pytest.mark.parametrize("verb", ["kill", "stop"])
def test_a_region_that_is_down_stays_down_until_it_is_started(running: Up, verb: str) -> None:
    before = entry(running, HOME)
    said = running.keyspan("region", verb, HOME)
    assert f"{HOME}'s node" in said
    assert f"{HOME}'s stream server" in said
    down = entry(running, HOME)
    assert down == {**before, "pid": None, "stream_pid": None}
    assert gone([before["pid"], before["stream_pid"]])
    assert entry(running, OTHER)["pid"] is not None
    assert running.kms(OTHER).list_keys() is not None
    assert "does not run" in running.keyspan("region", verb, HOME)
    running.keyspan("region", "start", HOME)
    again = entry(running, HOME)
    assert again["endpoint"] == before["endpoint"]
    assert not {again["pid"], again["stream_pid"]} & {before["pid"], before["stream_pid"], None}
    assert running.kms(HOME).list_keys() is not None
    assert "runs already" in running.keyspan("region", "start", HOME)


def test_one_of_the_two_processes_alone(running: Up) -> None:
    before = entry(running, HOME)
    running.keyspan("region", "kill", HOME, "--stream")
    assert entry(running, HOME) == {**before, "stream_pid": None}
    running.keyspan("region", "start", HOME, "--stream")
    assert entry(running, HOME)["pid"] == before["pid"]
    assert entry(running, HOME)["stream_pid"] is not None


def test_what_is_killed_by_others_shows_in_the_ready_file_too(running: Up) -> None:
    os.kill(entry(running, OTHER)["pid"], signal.SIGKILL)
    eventually(lambda: entry(running, OTHER)["pid"] is None, "the ready file names a dead process")
    running.keyspan("region", "start", OTHER)


def test_a_region_that_stands_still(running: Up) -> None:
    key_id = related_key(running)
    pid = entry(running, OTHER)["pid"]
    running.keyspan("region", "pause", OTHER)
    assert entry(running, OTHER)["pid"] == pid
    assert "is unreachable" in running.keyspan("status", status=1)
    assert "is paused; resume it" in running.keyspan("region", "start", OTHER)
    running.kms(HOME).rotate_key_on_demand(KeyId=key_id)
    shown = running.keyspan("status", status=1)
    assert re.search(rf"{HOME} +{key_id} +rotation +{OTHER} +20.* UTC", shown)
    since = running.kms(HOME).get_key_rotation_status(KeyId=key_id)["OnDemandRotationStartDate"]
    status = json.loads(running.keyspan("status", "--json", status=1))
    (waits,) = status["regions"][HOME]["waiting"]
    assert (waits["regions"], round(waits["since"], 3)) == ([OTHER], round(since.timestamp(), 3))
    running.keyspan("region", "resume", OTHER)
    eventually(lambda: rotated_once(running, OTHER, key_id), "the rotation did not arrive")


def test_a_ciphertext_that_comes_before_its_material(running: Up) -> None:
    """The SDK tries again by itself, and opens it once the link is whole."""
    key_id = related_key(running)
    running.keyspan("region", "evict", OTHER)
    running.keyspan("link", "cut", HOME, OTHER)
    home = running.kms(HOME)
    home.rotate_key_on_demand(KeyId=key_id)
    eventually(lambda: rotated_once(running, HOME, key_id), "the rotation waits")
    blob = home.encrypt(KeyId=key_id, Plaintext=b"early")["CiphertextBlob"]
    with pytest.raises(ClientError) as caught:
        running.kms(OTHER, retries={"total_max_attempts": 1}).decrypt(CiphertextBlob=blob)
    assert caught.value.response["Error"]["Code"] == "KeyUnavailableException"
    client = running.kms(OTHER, retries={"mode": "standard", "total_max_attempts": 20})
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(client.decrypt, CiphertextBlob=blob)
        running.keyspan("link", "heal", HOME, OTHER)
        answer = opening.result()
    assert answer["Plaintext"] == b"early"
    running.keyspan("region", "readmit", OTHER)


@pytest.mark.parametrize("cut", [["cut"], ["cut", "--silent"]])
def test_a_link_that_is_cut_and_healed(running: Up, cut: list[str]) -> None:
    running.keyspan("link", *cut, HOME, OTHER)
    key_id = str(running.kms(HOME).create_key(MultiRegion=True)["KeyMetadata"]["KeyId"])
    running.kms(HOME).replicate_key(KeyId=key_id, ReplicaRegion=OTHER)
    eventually(lambda: "unreachable" in running.keyspan("status", status=1), "nobody misses it")
    assert state(running, OTHER, key_id) == "NotFoundException"
    assert "open" not in running.keyspan("link", "show")
    running.keyspan("link", "heal", HOME, OTHER)
    eventually(lambda: state(running, OTHER, key_id) == "Enabled", "the replica did not arrive")
    assert running.keyspan("link", "show").count("open") == 2


def test_a_slow_link_only_delays(running: Up) -> None:
    slow = ["--latency", "80ms", "--jitter", "20ms", "--loss", "1%"]
    said = running.keyspan("link", "slow", HOME, OTHER, *slow)
    assert "80 ms each way, ± 20 ms, 1.00% lost" in said
    related_key(running)
    running.keyspan("link", "heal", HOME, OTHER)


def test_a_year_passes_and_a_key_rotates(running: Up) -> None:
    key_id = related_key(running)
    running.kms(HOME).enable_key_rotation(KeyId=key_id)
    doomed = str(running.kms(OTHER).create_key()["KeyMetadata"]["KeyId"])
    running.kms(OTHER).schedule_key_deletion(KeyId=doomed, PendingWindowInDays=30)
    said = running.keyspan("clock", "advance", "366d")
    assert said.count("366d") == 2
    for region in (HOME, OTHER):
        eventually(partial(rotated_once, running, region, key_id), "it did not rotate")
    awaited = "the key was not deleted"
    eventually(lambda: state(running, OTHER, doomed) == "NotFoundException", awaited)
    running.keyspan("region", "kill", HOME, "--node")
    running.keyspan("region", "start", HOME, "--node")
    assert "367d" in running.keyspan("clock", "advance", "1d", "--region", HOME)
    shown = running.keyspan("clock", "show")
    assert "367d" in shown
    assert "366d" in shown
    assert running.kms(HOME).list_keys() is not None  # signed by the real time


def test_without_the_options_there_are_neither(tmp_path: Path) -> None:
    with up(tmp_path, first_port(2), ("us-east-1",)) as plain:
        plain.wait_until_ready()
        before = plain.keyspan("clock", "show", status=1)
        assert "GetClock is not supported" in before
        assert "was not started with --movable-clock" in before
        said = plain.keyspan("clock", "advance", "1d", status=1)
        assert "AdvanceClock is not supported" in said
        refused = plain.keyspan("link", "show", status=2)
        assert "start it with `keyspan up --links`" in refused
        assert plain.end(signal.SIGTERM) == 0

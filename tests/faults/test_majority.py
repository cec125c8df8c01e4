"""`failover --quorum majority` on real nodes: regions killed, and cut off from each other."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from tests.harness.cluster import eventually
from tests.harness.up import Up, first_port, up

pytestmark = pytest.mark.processes

HOME, NEAR, FAR = REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
LONG, SHORT = "60s", "2s"  # more than a majority takes on a busy machine; and for none to come


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Three regions, with links between them, of a test's own."""
    folder = tmp_path_factory.mktemp("up")
    with up(folder, first_port(6), REGIONS, "--links") as made:
        made.wait_until_ready()
        yield made
        assert made.end(signal.SIGTERM) == 0


def related_key(running: Up) -> str:
    """A key of all regions, led by HOME; every region has heard of every replica."""
    kms = running.kms(HOME)
    key_id = str(kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"])
    for region in (NEAR, FAR):
        kms.replicate_key(KeyId=key_id, ReplicaRegion=region)
    eventually(lambda: all(led(running, each, key_id, HOME) for each in REGIONS), "no replica")
    return key_id


def led(running: Up, region: str, key_id: str, primary: str) -> bool:
    """Whether a region knows of all three keys of the set, and of this primary."""
    client = running.kms(region)
    try:
        shown = client.describe_key(KeyId=key_id)["KeyMetadata"]["MultiRegionConfiguration"]
    except client.exceptions.NotFoundException:
        return False
    return bool(shown["PrimaryKey"]["Region"] == primary and len(shown["ReplicaKeys"]) == 2)


def failover(running: Up, heir: str, wait: str, *more: str, status: int = 0) -> str:
    words = ["failover", "--from", HOME, "--to", heir, "--all", "--quorum", "majority"]
    return running.keyspan(*words, "--wait", wait, *more, status=status)


def ask(running: Up, heir: str, wait: str) -> subprocess.Popen[str]:
    """The same as a process of its own, so that two run at once."""
    words = ["failover", "--from", HOME, "--to", heir, "--all", "--quorum", "majority"]
    words += ["--wait", wait, "--data", str(running.data)]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "node.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def isolate(running: Up, verb: Sequence[str], region: str, others: Sequence[str]) -> None:
    for other in others:
        running.keyspan("link", *verb, region, other)


def test_two_of_three_promote_and_one_does_not(running: Up) -> None:
    key_id = related_key(running)
    blob = running.kms(HOME).encrypt(KeyId=key_id, Plaintext=b"kept")["CiphertextBlob"]
    running.keyspan("region", "kill", HOME)
    running.keyspan("region", "kill", FAR)
    said = failover(running, NEAR, SHORT, status=1)
    assert f"{HOME} has not answered" in said
    assert f"{FAR} has not answered" in said
    assert "Not promoted: 1 key. Votes that come later are not used." in said
    running.keyspan("region", "start", FAR)
    assert led(running, NEAR, key_id, HOME)
    planned = failover(running, NEAR, SHORT, "--dry-run")
    assert "2 of 3 regions have to vote" in planned
    said = failover(running, NEAR, LONG)
    assert f"{NEAR} leads 1 key." in said
    eventually(lambda: led(running, FAR, key_id, NEAR), f"{FAR} does not follow")
    running.keyspan("region", "start", HOME)
    eventually(lambda: led(running, HOME, key_id, NEAR), f"{HOME} does not step down")
    for region in REGIONS:
        assert running.kms(region).decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"


def test_of_two_candidates_in_a_partition_one_wins(running: Up) -> None:
    """FAR is alone; HOME and NEAR see each other. FAR gets no majority, and leads on its operator's
    word for as long as it is alone, though its name sorts first.
    """
    key_id = related_key(running)
    isolate(running, ["cut"], FAR, (HOME, NEAR))
    both = {FAR: ask(running, FAR, SHORT), NEAR: ask(running, NEAR, LONG)}
    ended = {region: process.communicate() for region, process in both.items()}
    assert (both[FAR].returncode, both[NEAR].returncode) == (1, 0), ended
    assert f"{NEAR} leads 1 key." in ended[NEAR][0]
    alone = running.keyspan("failover", "--from", HOME, "--to", FAR, "--all")
    assert f"{FAR} leads 1 key." in alone
    assert led(running, FAR, key_id, FAR)
    isolate(running, ["heal"], FAR, (HOME, NEAR))
    for region in REGIONS:
        eventually(partial(led, running, region, key_id, NEAR), f"{region} follows another")

"""`keyspan drill` as a person runs it: on a cluster of its own, and on one that runs."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.cli import main
from tests.harness.up import REGIONS, Up, first_port, up

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]

SHORT = """
title = "A region is cut off, and another one lost, for a moment"
seconds = 12
[[step]]
at = 1
fault = "link cut {first} *"
[[step]]
at = 2
act = "rotate {second}"
[[step]]
at = 3
heal = "link heal {first} *"
[[step]]
at = 4
fault = "region kill {second}"
[[step]]
at = 5
heal = "region start {second}"
[[step]]
at = 7
act = "clock advance 366d"
[expect]
management_rto_seconds = MANAGEMENT
failed_requests_elsewhere = 0
"""

HANDED_OVER_WHILE_DEAD = """
title = "A step that cannot be done"
seconds = 5
[[step]]
at = 1
fault = "region kill {first} --node"
[[step]]
at = 2
act = "handover {first} {second}"
[[step]]
at = 3
heal = "region start {first}"
"""
STAMPEDE = """
title = "A stampede"
seconds = 8
[load]
requests_per_second = 10
timeout_seconds = 30
standby = "{second}"
retries = 20
[quotas."{second}"]
Symmetric = 12
[[step]]
at = 1
fault = "region kill {first}"
[[step]]
at = 6
heal = "region start {first}"
[expect]
throttled_requests_least = 1
given_up_requests = 0
"""
TO_BE_HEALED_BY_HAND = """
title = "An operator heals"
seconds = 5
[[step]]
at = 1
fault = "link cut {first} {second}"
[[step]]
at = 2
act = "link heal {first} {second}"
"""


def report(folder: Path) -> dict[str, Any]:
    assert (folder / "report.html").read_text().startswith("<!doctype html>")
    document: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return document


def test_the_loss_of_a_region_on_a_cluster_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["drill", "region-loss", "--own"]) in (0, 1)  # its limits are for a machine at rest
    found = report(tmp_path / "drills" / "region-loss")
    passed = {each["name"]: each["passed"] for each in found["criteria"]}
    assert passed["wrong plaintexts"]
    assert passed["ciphertexts that do not open"]
    assert passed["regions agree in the end"]
    assert passed["failed requests in regions without a fault"]
    assert found["failure"] is None
    measures = found["measures"]
    assert measures["management_rto_seconds"] > 1.5  # nobody leads before the operator acts
    assert measures["convergence_seconds"] is not None
    assert measures["requests_by_region"]["us-east-1"]["refused"] > 0
    assert [event["kind"] for event in found["events"]] == ["fault", "act", "act", "heal", "heal"]
    assert found["check"]["opened"] == 3 * found["check"]["ciphertexts"] > 300
    assert "Report: drills/region-loss/report.html" in capsys.readouterr().out


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Two regions with links and a movable clock."""
    folder = tmp_path_factory.mktemp("up")
    with up(folder, first_port(4), REGIONS, "--links", "--movable-clock") as made:
        made.wait_until_ready()
        yield made
        assert made.end(signal.SIGTERM) == 0


@pytest.mark.parametrize(("limit", "status"), [("60", 0), ("0", 1)])
def test_a_scenario_of_ones_own_on_a_cluster_that_runs(
    running: Up, tmp_path: Path, limit: str, status: int
) -> None:
    scenario = tmp_path / "mine.toml"
    scenario.write_text(SHORT.replace("MANAGEMENT", limit))
    words = ["drill", str(scenario), "--report", str(tmp_path / "report")]
    said = running.keyspan(*words, status=status)
    assert ("Passed" if status == 0 else "Failed") in said
    found = report(tmp_path / "report")
    assert found["check"]["opened"] == 2 * found["check"]["ciphertexts"] > 100
    assert found["measures"]["requests"]["wrong"] == 0
    kms = running.kms("us-east-1")
    states = {
        kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"]["KeyState"]
        for each in kms.list_keys()["Keys"]
    }
    assert states <= {"PendingDeletion", "PendingReplicaDeletion"}
    assert "d" in running.keyspan("clock", "show")


def test_a_step_that_fails_ends_it_and_what_was_broken_is_mended(
    running: Up, tmp_path: Path
) -> None:
    scenario = tmp_path / "wrong.toml"
    scenario.write_text(HANDED_OVER_WHILE_DEAD)
    words = ["drill", str(scenario), "--report", str(tmp_path / "report")]
    said = running.keyspan(*words, status=1)
    assert "`handover us-east-1 eu-west-1` (line 9)" in " ".join(said.split())
    assert report(tmp_path / "report")["failure"] is not None
    assert running.kms("us-east-1").list_keys() is not None  # it was started all the same


def test_an_operator_does_what_an_operator_does(running: Up, tmp_path: Path) -> None:
    scenario = tmp_path / "manual.toml"
    scenario.write_text(TO_BE_HEALED_BY_HAND)
    words = ["drill", str(scenario), "--manual", "--report", str(tmp_path / "report")]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "node.cli", *words, "--data", str(running.data)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        said = b""
        while b"press Enter" not in said:
            part = os.read(process.stdout.fileno(), 4096)
            assert part, said
            said += part
        assert b"keyspan link heal us-east-1 eu-west-1 --data" in said
        assert "cut" in running.keyspan("link", "show")
        running.keyspan("link", "heal", "us-east-1", "eu-west-1")
        os.write(ours, b"\n")
        process.stdout.read()
    assert process.returncode == 0
    events = report(tmp_path / "report")["events"]
    assert events[1]["said"] == ["done by the operator"]


def test_the_clients_of_a_lost_region_are_throttled_and_come_through(tmp_path: Path) -> None:
    """Its limits of time are for a machine at rest; that nobody gives up is not."""
    scenario = tmp_path / "stampede.toml"
    scenario.write_text(STAMPEDE)
    quota = f"{REGIONS[1]}:Symmetric=12"
    with up(tmp_path, first_port(4), REGIONS, "--quota", quota) as running:
        running.wait_until_ready()
        words = ["drill", str(scenario), "--report", str(tmp_path / "report")]
        assert "Passed" in running.keyspan(*words)
        found = report(tmp_path / "report")
        errors = {
            region: sum((Counter(each) for each in series["errors"]), Counter())
            for region, series in found["series"].items()
        }
        assert set(errors[REGIONS[1]]) == {"ThrottlingException"}
        assert "ThrottlingException" not in errors[REGIONS[0]]
        assert found["check"]["opened"] == 2 * found["check"]["ciphertexts"]
        assert running.end(signal.SIGTERM) == 0


def test_what_a_cluster_cannot_do_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    with up(tmp_path, first_port(4)) as running:
        running.wait_until_ready()
        assert "`keyspan up --links`" in running.keyspan("drill", "slow-wan", status=2)
        missing = "keyspan up --quota us-east-1:Symmetric=120 --quota eu-west-1:Symmetric=24`"
        assert missing in running.keyspan("drill", "quota-stampede", status=2)
        assert "needs 3 regions" in running.keyspan("drill", str(_of_three(tmp_path)), status=2)
        assert running.kms("us-east-1").list_keys()["Keys"] == []
        assert running.end(signal.SIGTERM) == 0


def _of_three(folder: Path) -> Path:
    scenario = folder / "three.toml"
    step = '[[step]]\nat = 1\nfault = "region kill {third}"\n'
    scenario.write_text(f'title = "t"\nseconds = 2\n{step}')
    return scenario

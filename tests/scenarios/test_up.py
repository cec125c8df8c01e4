"""`keyspan up` as scripts use it: ports, the ready file, the end, and what stays (issue 2)."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.cluster import PATIENCE_SECONDS, eventually
from tests.harness.up import REGIONS, first_port, gone, processes, up

pytestmark = pytest.mark.processes


def test_ports_ready_file_and_a_clean_end(tmp_path: Path) -> None:
    port = first_port(4)
    with up(tmp_path, port) as running:
        ready = running.wait_until_ready()
        assert list(ready) == ["account", "credentials", "regions"]
        assert list(ready["regions"]) == list(REGIONS)
        endpoints = [each["endpoint"] for each in ready["regions"].values()]
        assert endpoints == [f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"]
        streams = [each["stream"] for each in ready["regions"].values()]
        assert streams == [f"redis://127.0.0.1:{port + 2}/0", f"redis://127.0.0.1:{port + 3}/0"]
        assert stat.S_IMODE(running.ready_file.stat().st_mode) == 0o600
        pids = processes(ready)
        assert len(set(pids)) == 4
        assert not any(gone([pid]) for pid in pids)
        assert running.kms("eu-west-1").list_keys()["Keys"] == []
        assert running.end(signal.SIGTERM) == 0
        assert not running.ready_file.exists()
        assert gone(pids)
        assert not (tmp_path / "data" / "up.json").exists()
        assert "Traceback" not in running.said


def test_ctrl_c_ends_it_too_and_a_restart_keeps_the_data(tmp_path: Path) -> None:
    with up(tmp_path, first_port(4)) as running:
        before = running.wait_until_ready()
        kms = running.kms("us-east-1")
        key_id = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        blob = kms.encrypt(KeyId=key_id, Plaintext=b"kept")["CiphertextBlob"]
        assert running.end(signal.SIGINT) == 0
    with up(tmp_path, first_port(6), regions=(*REGIONS, "sa-east-1")) as running:
        after = running.wait_until_ready()
        assert after["credentials"] == before["credentials"]
        assert running.kms("us-east-1").decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
        running.kms("us-east-1").replicate_key(KeyId=key_id, ReplicaRegion="sa-east-1")
        newcomer = running.kms("sa-east-1")

        def decrypted() -> bool:
            keys = [each["KeyId"] for each in newcomer.list_keys()["Keys"]]
            assert key_id in keys
            assert newcomer.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"
            return bool(newcomer.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept")

        eventually(decrypted, "the added region cannot decrypt")


def test_after_a_killed_supervisor_nothing_lives_and_the_next_run_starts(tmp_path: Path) -> None:
    port = first_port(4)
    with up(tmp_path, port) as running:
        ready = running.wait_until_ready()
        running.end(signal.SIGKILL)
        eventually(lambda: gone(processes(ready)), "a process outlived its supervisor")
    with up(tmp_path, port, regions=None) as running:
        again = running.wait_until_ready()
        assert list(again["regions"]) == list(REGIONS)
        assert not set(processes(again)) & set(processes(ready))
        assert running.end(signal.SIGTERM) == 0


def test_what_dies_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    with up(tmp_path, first_port(4)) as running:
        ready = running.wait_until_ready()
        os.kill(ready["regions"]["us-east-1"]["pid"], signal.SIGKILL)
        said = "us-east-1's node was ended by SIGKILL and is not started again"
        eventually(lambda: said in " ".join(running.said.split()), "it was not reported")
        assert running.kms("eu-west-1").list_keys()["Keys"] == []
        assert running.end(signal.SIGTERM) == 0


def test_what_it_prints_works_as_printed(tmp_path: Path) -> None:
    with up(tmp_path, first_port(4)) as running:
        running.wait_until_ready()
        eventually(lambda: "Ctrl-C" in running.said, "it printed no commands")
        lines = running.said.splitlines()
        exports = [line for line in lines if line.startswith("export ")]
        commands = [line for line in lines if line.startswith("aws kms --endpoint-url ")]
        assert len(commands) == 3
        environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        environment |= {"HOME": str(tmp_path), "AWS_PAGER": ""}
        for command in commands:
            done = subprocess.run(
                ["sh", "-ec", "\n".join([*exports, command])],
                env=environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)

"""`keyspan up` as a process of its own, as a person or a script runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from node.cli import main
from node.cluster.addresses import free_row as first_port
from tests.harness.cluster import PATIENCE_SECONDS, eventually

__all__ = ["REGIONS", "Up", "first_port", "gone", "processes", "up"]

REGIONS = ("us-east-1", "eu-west-1")


class Up:
    """A running `keyspan up`."""

    def __init__(self, process: subprocess.Popen[bytes], ready_file: Path, log: Path) -> None:
        self.process = process
        self.ready_file = ready_file
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def ready(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.ready_file.read_text())
        return document

    def wait_until_ready(self) -> dict[str, Any]:
        eventually(self._ready_or_ended, "the ready file did not appear", 2 * PATIENCE_SECONDS)
        return self.ready

    def kms(self, region: str, **config: Any) -> Any:
        """boto3's client of a region, with these settings of botocore's Config."""
        credentials = self.ready["credentials"]
        return boto3.client(
            "kms",
            endpoint_url=self.ready["regions"][region]["endpoint"],
            region_name=region,
            aws_access_key_id=credentials["access_key_id"],
            aws_secret_access_key=credentials["secret_access_key"],
            config=Config(**config),
        )

    @property
    def data(self) -> Path:
        return self.ready_file.with_name("data")

    def keyspan(self, *words: str, status: int = 0) -> str:
        """Run `keyspan WORDS --data …`, and give what it printed."""
        with redirect_stdout(StringIO()) as output, redirect_stderr(output):
            ended = main([*words, "--data", str(self.data)])
        said = output.getvalue()
        assert ended == status, said
        return said

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def _ready_or_ended(self) -> bool:
        if self.process.poll() is not None:
            pytest.fail(f"it ended before it was ready: {self.said}")
        return self.ready_file.exists()


@contextmanager
def up(
    folder: Path, port: int, regions: Sequence[str] | None = REGIONS, *options: str
) -> Iterator[Up]:
    ready_file, log = folder / "ready.json", folder / "up.log"
    ready_file.unlink(missing_ok=True)  # as a killed run leaves it
    words = ["up", "--port", str(port), "--data", str(folder / "data")]
    words += ["--ready-file", str(ready_file)]
    words += ["--regions", ",".join(regions)] if regions else []
    words += options
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-P", "-m", "node.cli", *words],
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Up(process, ready_file, log)
        finally:
            process.kill()


def processes(ready: dict[str, Any]) -> list[int]:
    return [entry[name] for entry in ready["regions"].values() for name in ("pid", "stream_pid")]


def gone(pids: Sequence[int]) -> bool:
    """Whether all have ended; one that nobody has reaped yet has."""
    return not any(_lives(pid) for pid in pids)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:  # no /proc on this system
        return True
    return state not in "ZX"

"""`keyspan demo`: the story ends well, leaves nothing, and says so when a step fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.cluster import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.processes


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the demo makes its temporary folder."""
    made = tmp_path / "temporary"
    made.mkdir()
    return made


@pytest.fixture
def demo(place: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A running demo, whose output goes to the file `said`; AWS's own settings are misleading."""
    misleading = {
        "TMPDIR": str(place),
        "AWS_PROFILE": "no-such-profile",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "COLUMNS": "100",
    }
    with (
        (tmp_path / "said").open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-P", "-m", "node.cli", "demo"],
            env=os.environ | misleading,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        yield process
        process.kill()


def test_the_whole_story(demo: subprocess.Popen[bytes], place: Path, tmp_path: Path) -> None:
    status = demo.wait(4 * PATIENCE_SECONDS)
    said = (tmp_path / "said").read_text()
    assert status == 0, said
    assert "All 20 steps went as they should." in said
    assert said.count("✓") == 2 * 20
    assert "✗" not in said
    for code in ("InvalidCiphertextException", "MissingAuthenticationTokenException"):
        assert f"refused with    {code}" in said
    assert list(place.iterdir()) == [], "the temporary folder was left"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_it_leaves_nothing(
    demo: subprocess.Popen[bytes], place: Path, tmp_path: Path, number: signal.Signals
) -> None:
    eventually(lambda: list(place.glob("*/cluster/*/node.log")), "no node was started")
    demo.send_signal(number)
    assert demo.wait(PATIENCE_SECONDS) == 130
    assert list(place.iterdir()) == [], "the temporary folder was left"
    assert "Traceback" not in (tmp_path / "said").read_text()

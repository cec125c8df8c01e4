"""A few simulations; `make simulate` runs as many as one likes, and .ci/run five hundred."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.__main__ import main
from tests.simulation.runs import simulate

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seed", range(12))
def test_it_holds(seed: int) -> None:
    outcome = simulate(seed, 200)
    assert outcome.failure == "", "\n".join(outcome.transcript)


def test_a_seed_replays_exactly_in_another_process() -> None:
    """Also where Python orders its sets otherwise."""
    command = [sys.executable, "-m", "tests.simulation", "--seed", "3", "--steps", "120"]
    environment = dict(os.environ, PYTHONHASHSEED="4711")
    told = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    *transcript, verdict = told.stdout.decode().splitlines()
    assert tuple(transcript) == simulate(3, 120).transcript
    assert verdict == "seed 3: held"


def test_the_command_tells_how_many_held(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "5-6", "--steps", "30", "--processes", "1"]) == 0
    assert "2 simulations of 30 steps" in capsys.readouterr().out


def test_a_range_that_is_none_is_one_sentence() -> None:
    with pytest.raises(SystemExit, match="SEEDS=many: give a number"):
        main(["--seeds", "many"])

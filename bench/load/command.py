"""Running a program that measures, to its end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.errors import BenchError

_GRACE_SECONDS: Final = 60.0
_ROOT: Final = Path(__file__).parents[2]  # where `python -m bench…` finds the package


def output_of(
    name: str, command: Sequence[str], seconds: float, environment: Mapping[str, str]
) -> str:
    """What `command`, which measures for `seconds`, wrote. Raises BenchError when it fails."""
    try:
        done = subprocess.run(  # noqa: S603  the command is our own
            command,
            cwd=_ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=seconds + _GRACE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"{name} did not end; the machine may be too busy.") from None
    if done.returncode != 0:
        raise BenchError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout

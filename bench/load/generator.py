"""Choosing and running a load generator.

`wrk` wherever it is installed (Debian: `apt-get install wrk`). Without it, a generator of our own
(`sockets.py`): Python on raw sockets, which can itself be the limit above some 20,000 requests a
second; a report that was made with it says so.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.load.command import output_of
from bench.load.result import LoadResult, read_result

_HERE: Final = Path(__file__).parent
_TIMEOUT_SECONDS: Final = 10  # an answer that takes longer is a failure


@dataclass(frozen=True, slots=True)
class Load:
    """What to do: replay a file against a host, over some connections, for some time."""

    host: str
    replay: Path
    connections: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Generator:
    """A load generator: its name in reports, and the command that does a `Load`."""

    name: str
    command: Callable[[Load], Sequence[str]]

    def run(self, load: Load) -> LoadResult:
        """Do it and wait. Raises BenchError when the generator fails."""
        environment = {"KEYSPAN_REPLAY": str(load.replay)}
        output = output_of(self.name, self.command(load), load.seconds, environment)
        return read_result(output, LoadResult)


def generator() -> Generator:
    """The best load generator of this machine."""
    program = shutil.which("wrk")
    return _wrk(program) if program else FALLBACK


def _wrk(program: str) -> Generator:
    said = subprocess.run((program, "-v"), capture_output=True, text=True).stdout.split()  # noqa: S603
    version = said[1] if len(said) > 1 else "of unknown version"

    def command(load: Load) -> Sequence[str]:
        return (
            program,
            "--threads=1",
            f"--connections={load.connections}",
            f"--duration={load.seconds}",
            f"--timeout={_TIMEOUT_SECONDS}",
            f"--script={_HERE / 'replay.lua'}",
            f"http://{load.host}/",
        )

    return Generator(f"wrk {version}", command)


def _sockets(load: Load) -> Sequence[str]:
    arguments = (load.host, str(load.connections), str(load.seconds))
    return (sys.executable, "-m", "bench.load.sockets", *arguments)


FALLBACK: Final = Generator("the fallback in Python (wrk is not installed)", _sockets)

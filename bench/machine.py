"""This machine: its cores, who runs on which, what a process used, and how to describe it.

Linux alone: needs /proc (proc(5)) and sched_setaffinity(2).
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench.errors import BenchError
from node.build import hot_path

_PROC: Final = Path("/proc")
_LIBRARIES: Final = ("aiohttp", "uvloop", "cryptography", "msgspec")
_UTIME, _STIME = 11, 12  # proc(5), /proc/pid/stat fields 14 and 15, counted after "(comm) "


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the server runs, and where everything else does."""

    server: int
    load: int

    @property
    def separate(self) -> bool:
        """Whether the load generator has a core of its own."""
        return self.server != self.load


def take_cores() -> Cores:
    """Choose the cores and move this process, with all that it starts, to the load's core.

    Raises BenchError where the system has no such thing.
    """
    if not hasattr(os, "sched_setaffinity") or not _PROC.is_dir():
        raise BenchError("The benchmarks need Linux (/proc and CPU affinity); run them there.")
    available = sorted(os.sched_getaffinity(0))
    cores = Cores(server=available[-1], load=available[0])
    os.sched_setaffinity(0, {cores.load})
    return cores


@contextmanager
def both(cores: Cores) -> Iterator[None]:
    """Let this thread, and the processes that it starts, use the server's core too while the block
    runs; what was started is to be moved to its core afterwards.
    """
    os.sched_setaffinity(0, {cores.server, cores.load})
    try:
        yield
    finally:
        os.sched_setaffinity(0, {cores.load})


def pin(pid: int, core: int) -> None:
    """Move a process, with every thread it has and will have, to one core."""
    for thread in (_PROC / str(pid) / "task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds so far, or between two moments: of the clock, of a process, of its core."""

    clock: float
    process: float  # CPU time, all threads, user and system
    core: float  # during which the core worked for anyone, other guests of its host included

    def since(self, earlier: Usage) -> Usage:
        """What was used between the two."""
        return Usage(
            self.clock - earlier.clock, self.process - earlier.process, self.core - earlier.core
        )

    @property
    def process_share(self) -> float:
        """How much of the core the process had."""
        return self.process / self.clock

    @property
    def others_share(self) -> float:
        """How much of the core something else had."""
        return max(0.0, self.core - self.process) / self.clock


def usage(pid: int, core: int) -> Usage:
    """What a process and its core used so far."""
    return Usage(time.perf_counter(), cpu_seconds(pid), busy_seconds(core))


def cpu_seconds(pid: int) -> float:
    """The CPU time that a process used so far, all its threads together, user and system."""
    return used_ticks((_PROC / str(pid) / "stat").read_text()) / os.sysconf("SC_CLK_TCK")


def ended_cpu_seconds() -> float:
    """The CPU time of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resident_bytes(pid: int) -> int:
    """The memory of a process that is in RAM now (proc(5), statm)."""
    pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def used_ticks(stat: str) -> int:
    """User and system time in the text of a /proc/PID/stat."""
    fields = stat.rpartition(") ")[2].split()  # the name before may hold blanks and brackets
    return int(fields[_UTIME]) + int(fields[_STIME])


def busy_seconds(core: int) -> float:
    """The time that a core worked for anyone so far, other guests of its host included."""
    for line in (_PROC / "stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, irq, softirq, steal = map(int, ticks[:8])
            busy = user + nice + system + irq + softirq + steal
            return busy / os.sysconf("SC_CLK_TCK")
    raise BenchError(f"/proc/stat does not know core {core}; run on cores that are online.")


def description() -> dict[str, str]:
    """What a reader needs to know of machine and software; no name or place of the machine."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return {
        "processor": f"{_model()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "software": f"Python {platform.python_version()}, {libraries}",
        "hot path": hot_path(),
        "commit": _commit(),
        "load before the run": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "priority": f"nice {os.getpriority(os.PRIO_PROCESS, 0)}",
    }


def _model() -> str:
    lines = (_PROC / "cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _commit() -> str:
    command = ("git", "describe", "--always", "--dirty")
    root = Path(__file__).parent
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()

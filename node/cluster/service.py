"""One operating-system process of a cluster: started, asked, ended, killed, started again.

Each process has its own session, so that a Ctrl-C in the terminal reaches only the supervisor,
which then ends everything in order; and each dies with the supervisor (`guard.py`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node.cluster import guard
from node.cluster.errors import ClusterError
from node.cluster.waiting import eventually

__all__ = ["Program", "Service"]

_TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Program:
    """What is run: its name in messages, its command, its log, and how to see that it answers."""

    name: str
    command: tuple[str, ...]
    log: Path
    answers: Callable[[], bool]


class Service:
    """A program that runs, or does not, at a given moment."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._paused = False

    @property
    def name(self) -> str:
        return self._program.name

    @property
    def log(self) -> Path:
        return self._program.log

    @property
    def pid(self) -> int | None:
        """The process ID while it runs."""
        return self._process.pid if self._process and self.running else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def paused(self) -> bool:
        """Whether it was made to stand still, and lives."""
        return self._paused and self.running

    @property
    def ended(self) -> str | None:
        """How it ended by itself or by a signal, as words; None when it runs or never ran."""
        if self._process is None or self._process.poll() is None:
            return None
        status = self._process.returncode
        if status < 0:
            return f"was ended by {signal.Signals(-status).name}"
        return f"ended with status {status}"

    def start(self) -> None:
        """Start it, unless it runs. Call from a thread that lives on (`guard.py`)."""
        if self.running:
            return
        self._paused = False
        guarded = [sys.executable, "-I", "-S", guard.__file__, str(os.getpid())]
        with self._program.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  the command is our own
                [*guarded, *self._program.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_answering(self, timeout_seconds: float) -> None:
        """Return when it answers. Raises ClusterError when it ends first, or takes too long."""
        awaited = f"{self.name} still does not answer; see {self.log}"
        eventually(self._answers_or_fails, timeout_seconds, awaited)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def pause(self) -> None:
        """Make it stand still (SIGSTOP), with whatever it has started: alive, connected, and
        answering nothing."""
        self._signal_all(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        """Let it go on (SIGCONT) where it stood still."""
        self._signal_all(signal.SIGCONT)
        self._paused = False

    def ask_to_end(self) -> None:
        """Ask it to end (SIGTERM). One that stands still goes on, as it could not hear it."""
        self.signal(signal.SIGTERM)
        self.resume()

    def kill(self) -> None:
        """End it at once and without warning (SIGKILL), and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self._reap(None)

    def stop(self, timeout_seconds: float) -> None:
        """Ask it to end (SIGTERM) and wait until it has; kill it when it takes too long."""
        self.ask_to_end()
        self.wait_until_ended(timeout_seconds)

    def wait_until_ended(self, timeout_seconds: float) -> None:
        """Wait for a process that was asked to end; kill it when it takes too long."""
        try:
            self._reap(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self) -> str:
        """The last line of its log that says something."""
        try:
            lines = self._program.log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines.splitlines()) if line.strip()), "")

    def _answers_or_fails(self) -> bool:
        if self.ended:
            raise ClusterError(
                f"{self.name} {self.ended} before it answered "
                f"(its last words: {self.last_words() or 'none'}); see {self.log}."
            )
        return self._program.answers()

    def _signal_all(self, number: int) -> None:
        """Send a signal to the process and its children: they are in a group of their own."""
        if self.running and self._process is not None:
            os.killpg(self._process.pid, number)

    def _reap(self, timeout_seconds: float | None) -> None:
        if self._process is not None:
            self._process.wait(timeout_seconds)

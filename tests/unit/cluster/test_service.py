"""Processes under supervision: started, asked, ended, killed, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from node.cluster import ClusterError, Service
from node.cluster.service import Program
from tests.harness.cluster import eventually

SLEEPER = "import sys, time; print('ready', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
LONG_SECONDS = 30.0


def program(tmp_path: Path, code: str) -> Program:
    log = tmp_path / "log"
    return Program(
        name="the sleeper",
        command=(sys.executable, "-c", code),
        log=log,
        answers=lambda: log.exists() and b"ready" in log.read_bytes(),
    )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(program(tmp_path, SLEEPER))
    yield made
    made.kill()


def test_before_its_start_it_neither_runs_nor_has_ended(service: Service) -> None:
    assert not service.running
    assert service.pid is None
    assert service.ended is None
    service.kill()
    service.stop(LONG_SECONDS)


def test_it_runs_until_it_is_stopped(service: Service) -> None:
    service.start()
    service.wait_until_answering(LONG_SECONDS)
    assert service.running
    assert service.pid is not None
    assert service.ended is None
    service.stop(LONG_SECONDS)
    assert not service.running
    assert service.ended == "was ended by SIGTERM"


def test_a_second_start_keeps_the_first_process(service: Service) -> None:
    service.start()
    pid = service.pid
    service.start()
    assert service.pid == pid


def test_it_is_killed_and_starts_again_as_another_process(service: Service) -> None:
    service.start()
    service.wait_until_answering(LONG_SECONDS)
    pid = service.pid
    service.kill()
    assert service.ended == "was ended by SIGKILL"
    service.start()
    assert service.running
    assert service.pid != pid


def test_it_stands_still_and_goes_on(service: Service) -> None:
    service.start()
    service.wait_until_answering(LONG_SECONDS)
    assert not service.paused
    service.pause()
    assert service.paused
    assert service.running
    service.resume()
    assert not service.paused


@pytest.mark.parametrize("end", [Service.kill, lambda service: service.stop(LONG_SECONDS)])
def test_one_that_stands_still_can_be_ended(
    service: Service, end: Callable[[Service], None]
) -> None:
    service.start()
    service.wait_until_answering(LONG_SECONDS)
    service.pause()
    end(service)
    assert not service.running
    assert not service.paused
    service.start()
    assert not service.paused


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    service = Service(program(tmp_path, STUBBORN))
    service.start()
    service.wait_until_answering(LONG_SECONDS)
    service.stop(timeout_seconds=0.1)
    assert service.ended == "was ended by SIGKILL"


def test_one_that_ends_early_is_reported_with_its_last_words(tmp_path: Path) -> None:
    service = Service(program(tmp_path, "print('no settings'); raise SystemExit(3)"))
    service.start()
    with pytest.raises(ClusterError) as caught:
        service.wait_until_answering(LONG_SECONDS)
    said = str(caught.value)
    assert "the sleeper ended with status 3 before it answered" in said
    assert "its last words: no settings" in said
    assert str(service.log) in said


def test_one_that_never_answers_is_reported(tmp_path: Path) -> None:
    service = Service(program(tmp_path, "import time; time.sleep(600)"))
    service.start()
    with pytest.raises(ClusterError, match="the sleeper still does not answer"):
        service.wait_until_answering(0.1)
    service.kill()


def test_a_program_that_cannot_be_started_is_reported(tmp_path: Path) -> None:
    missing = Program("the missing", (str(tmp_path / "none"),), tmp_path / "log", lambda: False)
    service = Service(missing)
    service.start()
    with pytest.raises(ClusterError, match="none cannot be started: No such file"):
        service.wait_until_answering(LONG_SECONDS)


def test_a_signal_of_the_terminal_does_not_reach_it(service: Service) -> None:
    service.start()
    assert service.pid is not None
    assert os.getpgid(service.pid) == service.pid != os.getpgid(0)


SUPERVISOR = """
import sys
from pathlib import Path
from node.cluster.service import Program, Service
service = Service(Program("child", (sys.executable, "-c", sys.argv[1]), Path(sys.argv[2]), bool))
service.start()
print(service.pid, flush=True)
sys.stdin.read()
"""


def gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has reaped yet has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_a_killed_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, SLEEPER, str(tmp_path / "log")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        assert not gone(pid)
        supervisor.send_signal(number)
    eventually(lambda: gone(pid), f"process {pid} still runs")

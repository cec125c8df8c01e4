"""The `docker` and `docker compose` commands."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

PATIENCE_SECONDS = 600.0  # building the image compiles the hot path


class DockerError(Exception):
    """A command failed; the text is the command and what it said."""


def docker(*arguments: str) -> str:
    """Run `docker` and give what it printed. Raises DockerError when it fails."""
    return _run(["docker", *arguments])


def compose(*arguments: str) -> str:
    """Run `docker compose`, or `docker-compose` where it is no plugin, and give what it printed."""
    return _run([*_compose_command(), *arguments])


def missing() -> str | None:
    """Why nothing can be run here; None when all that is needed is there."""
    try:
        docker("info", "--format", "{{.ServerVersion}}")
        compose("version")
    except DockerError as error:
        return str(error)
    return None


@cache
def _compose_command() -> Sequence[str]:
    """Version 2 or later: the older one does not know `name:`, nor `up --wait`."""
    try:
        docker("compose", "version")
    except DockerError:
        return ("docker-compose",)
    return ("docker", "compose")


def _run(command: Sequence[str]) -> str:
    if shutil.which(command[0]) is None:
        raise DockerError(f"{command[0]} is not installed")
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    if done.returncode:
        raise DockerError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout

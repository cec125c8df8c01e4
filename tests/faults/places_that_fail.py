"""What a test does to a region's surroundings: a disk that fills up, a clock that is wrong.

Both need what not every machine has (a mount, libfaketime); `missing()` of each says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)
_CHUNK = bytes(64 * 1024)


class SmallDisk:
    """A file system of its own on a folder, small enough to be filled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filler = folder / "filler"

    @staticmethod
    def missing() -> str | None:
        """Why there can be none here; None if there can."""
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return "only root can mount a small file system"
        return None

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("wb", buffering=0) as file:
            for size in (len(_CHUNK), 1):
                try:
                    while file.write(_CHUNK[:size]):
                        pass
                except OSError:
                    continue

    def clear(self) -> None:
        """Give the space back."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Put a small file system under a folder, with what is in it, while the block runs."""
    aside = folder.with_name(f"{folder.name}.aside")
    folder.rename(aside)
    folder.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "keyspan-test", str(folder))
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield SmallDisk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


class WrongClock:
    """The operating system's clock, as the processes that are started meanwhile see it."""

    def __init__(self, hours: int) -> None:
        self._hours = hours

    @staticmethod
    def missing() -> str | None:
        """Why there can be none here; None if there can."""
        if _library() is None:
            return "libfaketime is not installed (on Debian: apt install libfaketime)"
        return None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Processes started in the block live in the wrong time."""
        library = _library()
        assert library is not None
        changes = {
            "LD_PRELOAD": library,
            "FAKETIME": f"{self._hours:+d}h",
            "DONT_FAKE_MONOTONIC": "1",
        }
        before = {name: os.environ.get(name) for name in changes}
        os.environ.update(changes)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _library() -> str | None:
    return next((each for each in LIBRARIES if Path(each).exists()), None)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)

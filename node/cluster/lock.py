"""One supervisor for one cluster folder, and a note of what it runs.

The lock is an advisory lock (flock(2)) on the folder itself: the system lets go of it when its
holder dies, however it dies, so that no stale lock ever has to be removed by hand. The note,
`up.json`, says who holds it and which processes run.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from node.cluster.addresses import is_free
from node.cluster.errors import ClusterError
from node.cluster.files import PRIVATE, replace
from node.cluster.folder import ClusterFolder
from node.cluster.waiting import eventually

__all__ = ["Note", "RegionNote", "hold", "is_held", "read_note", "write_note"]

_LEFTOVER_SECONDS = 10.0


@contextmanager
def hold(folder: ClusterFolder) -> Iterator[None]:
    """Be the one supervisor of the folder for as long as the block runs.

    Raises ClusterError when another process is. The processes of a killed supervisor are waited
    for: on Linux they get their signal with its death.
    """
    descriptor = os.open(folder.root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, folder)
        _wait_for_leftovers(folder)
        try:
            yield
        finally:
            folder.up_file.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


class RegionNote(msgspec.Struct, frozen=True):
    """One region's processes, as the ready file describes them too; None for one that is down."""

    endpoint: str
    pid: int | None
    stream: str
    stream_pid: int | None


class Note(msgspec.Struct, frozen=True):
    """Who runs the cluster, its processes, and the socket at which it takes orders."""

    pid: int
    regions: dict[str, RegionNote]
    control: str | None = None

    def ports(self) -> list[int]:
        """Every port that the processes listen on. Raises ValueError when one is none."""
        places = (place for each in self.regions.values() for place in (each.endpoint, each.stream))
        return [port for port in (urlsplit(place).port for place in places) if port]


def write_note(
    folder: ClusterFolder, regions: dict[str, RegionNote], control: Path | None = None
) -> None:
    """Write `up.json` as this process's note."""
    place = None if control is None else str(control)
    document = msgspec.json.encode(Note(os.getpid(), regions, place))
    replace(folder.up_file, msgspec.json.format(document).decode() + "\n", PRIVATE)


def read_note(folder: ClusterFolder) -> Note | None:
    """The note of the running, or of a killed, supervisor; None when there is no readable one."""
    try:
        note = msgspec.json.decode(folder.up_file.read_bytes(), type=Note)
        note.ports()
    except (OSError, ValueError):
        return None
    return note


def is_held(folder: ClusterFolder) -> bool:
    """Whether a supervisor holds the folder now: a note alone may be a dead one's."""
    try:
        descriptor = os.open(folder.root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(descriptor: int, folder: ClusterFolder) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        note = read_note(folder)
        process = f" (process {note.pid})" if note else ""
        raise ClusterError(
            f"The cluster in {folder.root} is already running{process}; "
            "end that one first, or choose another folder with --data."
        ) from None


def _wait_for_leftovers(folder: ClusterFolder) -> None:
    """Wait until the last run's ports are free, if it could not end in order itself.

    Ports, not process IDs: a killed process gives its ports back at once, while its number may stay
    for a while, or be given to another.
    """
    note = read_note(folder)
    ports = note.ports() if note else []
    awaited = (
        f"processes of the last run in {folder.root} still hold their ports; end them "
        f"({folder.up_file} has their numbers), or remove that file if they are not Keyspan's"
    )
    eventually(lambda: all(is_free(port) for port in ports), _LEFTOVER_SECONDS, awaited)
    folder.up_file.unlink(missing_ok=True)

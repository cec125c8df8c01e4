"""One supervisor for one cluster folder, and a note of what it runs.

The lock is an advisory lock (flock(2)) on the folder itself: the system lets go of it when its
holder dies, however it dies, so that no stale lock ever has to be removed by hand. The note,
`up.json`, says who holds it and which processes run.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from node.cluster.errors import ClusterError
from node.cluster.files import PRIVATE, replace
from node.cluster.folder import ClusterFolder
from node.cluster.waiting import eventually

__all__ = ["hold", "read_note", "write_note"]

_LEFTOVER_SECONDS = 10.0


@contextmanager
def hold(folder: ClusterFolder) -> Iterator[None]:
    """Be the one supervisor of the folder for as long as the block runs.

    Raises ClusterError when another process is. What a killed supervisor left behind is waited
    for: its processes get their signal with its death.
    """
    descriptor = os.open(folder.root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, folder)
        _wait_for_leftovers(folder)
        yield
        folder.up_file.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def write_note(folder: ClusterFolder, regions: Mapping[str, Any]) -> None:
    """Write `up.json`: the supervisor's process ID and each region's processes."""
    note = {"pid": os.getpid(), "regions": regions}
    replace(folder.up_file, json.dumps(note, indent=2) + "\n", PRIVATE)


def read_note(folder: ClusterFolder) -> dict[str, Any]:
    """The note of the running, or of a killed, supervisor; empty when there is none."""
    try:
        note = json.loads(folder.up_file.read_bytes())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _lock(descriptor: int, folder: ClusterFolder) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = read_note(folder).get("pid")
        process = f" (process {holder})" if holder else ""
        raise ClusterError(
            f"The cluster in {folder.root} is already running{process}; "
            "end that one first, or choose another folder with --data."
        ) from None


def _wait_for_leftovers(folder: ClusterFolder) -> None:
    regions = read_note(folder).get("regions", {})
    left = [entry[name] for entry in regions.values() for name in ("pid", "stream_pid")]
    awaited = f"processes of an earlier run in {folder.root} still live; end {left}"
    eventually(lambda: not any(_alive(pid) for pid in left), _LEFTOVER_SECONDS, awaited)
    folder.up_file.unlink(missing_ok=True)


def _alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's process: the number was given out again
        return False
    return True

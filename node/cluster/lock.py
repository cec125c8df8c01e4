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
from urllib.parse import urlsplit

from node.cluster.addresses import is_free
from node.cluster.errors import ClusterError
from node.cluster.files import PRIVATE, replace
from node.cluster.folder import ClusterFolder
from node.cluster.waiting import eventually

__all__ = ["hold", "read_note", "write_note"]

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
    """Wait until the last run's ports are free, if it could not end in order itself.

    Ports, not process IDs: a killed process gives its ports back at once, while its number may stay
    for a while, or be given to another.
    """
    addresses = [
        place
        for region in read_note(folder).get("regions", {}).values()
        for place in (region["endpoint"], region["stream"])
    ]
    ports = [port for port in (urlsplit(address).port for address in addresses) if port]
    awaited = (
        f"processes of the last run in {folder.root} still hold their ports; end them "
        f"({folder.up_file} has their numbers), or remove that file if they are not Keyspan's"
    )
    eventually(lambda: all(is_free(port) for port in ports), _LEFTOVER_SECONDS, awaited)
    folder.up_file.unlink(missing_ok=True)

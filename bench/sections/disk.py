"""What a durable write costs on this disk, without anything of Keyspan."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Final

_WRITES: Final = 50
_LINE: Final = b"x" * 1200  # a record of the audit trail, about


def sync_microseconds(folder: Path) -> float:
    """The median of appending a line and fdatasync, in a file beside what is measured."""
    descriptor = os.open(folder / "sync", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return statistics.median(_written(descriptor) for _ in range(_WRITES)) * 1e6
    finally:
        os.close(descriptor)


def _written(descriptor: int) -> float:
    started = time.perf_counter()
    os.write(descriptor, _LINE)
    os.fdatasync(descriptor)
    return time.perf_counter() - started

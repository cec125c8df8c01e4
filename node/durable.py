"""Making durable what was written, whoever wrote it (POSIX: fsync)."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Make what a file holds durable, or of a folder the names in it. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

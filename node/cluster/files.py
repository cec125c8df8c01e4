"""Writing files so that a crash leaves either the old content or the new one.

Secrets are created with mode 0600 from the first byte, and are never replaced: a root key that is
overwritten takes every key of its region with it.
"""

from __future__ import annotations

import os
from pathlib import Path

from node.durable import sync

__all__ = ["PRIVATE", "PUBLIC", "create_private", "replace"]

PRIVATE = 0o600
PUBLIC = 0o644


def create_private(path: Path, text: str) -> None:
    """Create a file that only its owner can read. Raises FileExistsError when there is one."""
    _write_new(path, text, PRIVATE)
    sync(path.parent)


def replace(path: Path, text: str, mode: int = PUBLIC) -> None:
    """Put `text` in the place of the file, in one step (POSIX rename)."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        _write_new(draft, text, mode)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def _write_new(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())

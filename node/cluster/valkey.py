"""One region's Redis-compatible server: its configuration, and whether it answers.

Reached from this machine alone (`bind`, `protected-mode`), and kept on disk (`appendonly`) so that
a restart finds the log again. Losing it would lose no change all the same (D5). The options are
those that Valkey 8 and 9 and Redis 7 have in common.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

from node.cluster.addresses import LOOPBACK

__all__ = ["answers_ping", "valkey_document"]

_PATIENCE_SECONDS = 1.0
_ANSWER_BYTES = 64


def valkey_document(port: int, folder: Path) -> str:
    """The server's configuration file."""
    options = {
        "bind": LOOPBACK,
        "port": str(port),
        "protected-mode": "yes",
        "daemonize": "no",
        "dir": _quoted(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "databases": "1",
    }
    return "".join(f"{name} {value}\n" for name, value in options.items())


def answers_ping(port: int) -> bool:
    """Whether the server takes commands; one that is still loading its file does not."""
    try:
        with socket.create_connection((LOOPBACK, port), _PATIENCE_SECONDS) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(_ANSWER_BYTES).startswith(b"+PONG")
    except OSError:
        return False


def _quoted(path: Path) -> str:
    """A path as the configuration language reads it: in double quotes, with C escapes."""
    return json.dumps(str(path.resolve()), ensure_ascii=False)

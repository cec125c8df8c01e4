"""How many files and sockets this process may have open at once (getrlimit(2), RLIMIT_NOFILE)."""

from __future__ import annotations

import resource
from typing import Final

BESIDE_CONNECTIONS: Final = 256  # the key store, the trail, streams, and what libraries open


def room_for(connections: int) -> int:
    """Raise the process's own limit as far as is needed and allowed.

    Returns for how many connections there is room then, at least one.
    """
    wanted = connections + BESIDE_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    granted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if granted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))
    return max(1, min(connections, max(granted, soft) - BESIDE_CONNECTIONS))

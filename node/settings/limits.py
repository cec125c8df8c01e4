"""The `[limits]` table of a node file: what a stranger may take of each worker process; all of it
may be absent.

[limits]
connections = 4096             # at once
connections_per_address = 0    # at once from one address; 0 for no such limit
requests_per_address = 0.0     # a second from one address; 0 for no such limit
body_bytes = 1048576           # of a request
header_seconds = 10.0          # for the headers of a request to arrive, …
body_seconds = 30.0            # … and for its body
write_seconds = 30.0           # for a client to read an answer
keep_alive_seconds = 75.0      # that a connection may be idle
"""

from __future__ import annotations

from node.settings.table import Table
from node.wire.limits import DEFAULT_LIMITS, Limits

__all__ = ["read_limits"]

_LEAST_BODY: int = 64 * 1024  # above KMS's largest requests but those with an attestation document
_LEAST_SECONDS = 0.1


def read_limits(table: Table) -> Limits:
    """Read `[limits]` of a node file."""
    limits, default = table.optional_table("limits"), DEFAULT_LIMITS

    def seconds(name: str) -> float:
        return limits.number(name, getattr(default, name), _LEAST_SECONDS)

    found = Limits(
        connections=limits.integer("connections", default.connections, 1),
        connections_per_address=limits.integer("connections_per_address", 0, 0),
        requests_per_address=limits.number("requests_per_address", 0.0, 0.0),
        body_bytes=limits.integer("body_bytes", default.body_bytes, _LEAST_BODY),
        header_seconds=seconds("header_seconds"),
        body_seconds=seconds("body_seconds"),
        write_seconds=seconds("write_seconds"),
        keep_alive_seconds=seconds("keep_alive_seconds"),
    )
    limits.finish()
    return found

"""How much, and for how long, a stranger may keep this node busy before signing anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What all connections may take, those of one address, and one of them.

    Seconds are of the event loop's clock. For addresses, 0 is no limit.
    """

    connections: int = 4096  # at once
    connections_per_address: int = 0  # at once
    requests_per_address: float = 0.0  # a second
    body_bytes: int = 1024 * 1024  # KMS's largest request, GenerateDataKey with a recipient: 350 kB
    line_bytes: int = 8 * 1024  # the request line
    header_bytes: int = 8 * 1024  # one header
    headers: int = 64
    header_seconds: float = 10.0  # from the first byte of a request to the end of its headers
    body_seconds: float = 30.0
    write_seconds: float = 30.0  # for the client to read an answer
    keep_alive_seconds: float = 75.0  # between two requests
    linger_seconds: float = 2.0  # reading what is refused, so that the refusal can be read
    shutdown_seconds: float = 15.0  # for requests under way when the node stops


DEFAULT_LIMITS = Limits()

"""How a trail is, as it is told to operators and to the leader of the worker processes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """How the trail is. `problem` is why it cannot be written, None if it can."""

    problem: str | None
    since: float | None
    refused: int
    sequence: int
    signed: int
    signed_at: float | None

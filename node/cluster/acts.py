"""What can be done to a running cluster from outside, as values: they travel as JSON too.

A *link* carries one region's log to another: it is the connections of the reader's node to the
origin's stream server. Clients reach every region whatever becomes of links.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

__all__ = [
    "OPEN",
    "Act",
    "Controls",
    "LinkAct",
    "LinksShown",
    "Part",
    "RegionAct",
    "Shape",
    "State",
    "Verb",
]


class Verb(StrEnum):
    """What can be done to a region's processes."""

    STOP = "stop"  # ask it to end (SIGTERM)
    START = "start"
    KILL = "kill"  # SIGKILL
    PAUSE = "pause"  # SIGSTOP
    RESUME = "resume"  # SIGCONT
    WIPE = "wipe"  # empty a stream server


class Part(StrEnum):
    """The two processes of a region."""

    NODE = "node"
    STREAM = "stream"


class RegionAct(msgspec.Struct, frozen=True, tag="region"):
    """Do `verb` to these parts of a region."""

    verb: Verb
    region: str
    parts: tuple[Part, ...] = (Part.STREAM, Part.NODE)


class State(StrEnum):
    """Whether a link carries anything."""

    OPEN = "open"
    CUT = "cut"  # connections are broken, and new ones refused
    SILENT = "silent"  # connections stay, and nothing comes through


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a link behaves. Times are for each way, so that an answer takes twice the latency.

    `loss` is the share of segments that are lost, of 1, and sent again as TCP does: too late.
    `bandwidth` is in bytes per second, None for as fast as it goes.
    """

    state: State = State.OPEN
    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    loss: float = 0.0
    bandwidth: int | None = None


OPEN = Shape()


class LinkAct(msgspec.Struct, frozen=True, tag="link"):
    """Give the links that carry one region's log to another a shape.

    `pairs` are (origin, reader), where each region's log is read by the other: both directions of
    the link between A and B are (A, B) and (B, A).
    """

    pairs: tuple[tuple[str, str], ...]
    shape: Shape


class LinksShown(msgspec.Struct, frozen=True, tag="links"):
    """Say how every link behaves."""


Act = RegionAct | LinkAct | LinksShown


class Controls(Protocol):
    """What carries acts out."""

    def act(self, act: Act) -> list[str]:
        """Do it, and give sentences that tell what was done.

        Returns when it is so: a process that was started answers, one that was killed is gone.
        Raises ClusterError, one sentence, when it cannot be done.
        """
        ...

"""The errors of local clusters: a sentence with its next step."""

from __future__ import annotations

__all__ = ["ClusterError", "TimedOut"]


class ClusterError(Exception):
    """Something about a cluster's folder or its processes that a person has to put right.

    The text is one sentence that says what is wrong and what to do next.
    """


class TimedOut(ClusterError):
    """What was waited for did not come about in its time."""

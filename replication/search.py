"""How a subscriber that asked for a resync looks for the answer, and when it asks again.

Pure. The answer may be passed over, because a hostile server altered it; then the log is searched
from its start again. It may also never come: the origin lost its store with the request in it, or
began a new log, or trimmed the answer before it was read. So a search that was in vain asks again,
but only once for every sign of life of the origin: a log does not grow for a region that is dead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

START: Final = "0-0"


@dataclass(frozen=True, slots=True)
class Search:
    """One search: behind which stream ID it goes on, and when it began (epoch seconds).

    `end` is the digest of the origin's last entry when the request was made; None if it is still to
    be noted, empty if it is not known, as after a restart. `repeated`: it has begun anew.
    """

    after: str = START
    since: float = 0.0
    end: bytes | None = b""
    repeated: bool = False

    @classmethod
    def begun(cls, now: float) -> Search:
        """The search for the answer to a request that was just made."""
        return cls(since=now, end=None)

    def passed(self, identifier: str) -> Search:
        """The search behind everything up to this stream ID."""
        return replace(self, after=identifier)

    def at_end(self, end: bytes, *, rewritten: bool, now: float, patience: float) -> Search | None:
        """Everything that is there was looked at; the last entry has digest `end`, empty if it is
        not the origin's. How the search goes on; None to ask again.
        """
        if self.end is None:
            return replace(self, end=end)
        if rewritten:
            return replace(self, after=START)
        if now < self.since:  # the clock was set back
            return replace(self, since=now)
        if now - self.since < patience:
            return self
        if self.repeated and end not in (b"", self.end):
            return None
        return replace(self, after=START, since=now, repeated=True)

"""How keys were used since that was last written (node.audit.usage_file): each call is counted."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from node.audit.catalogue import USES
from node.audit.usage import NO_KEY, Count, LastUse, Which, call_in


class Usage:
    """What was counted and is not written yet."""

    def __init__(self) -> None:
        self._last: dict[str, LastUse] = {}
        self._counts: dict[Which, list[int]] = {}

    def __len__(self) -> int:
        """How many totals have changed."""
        return len(self._counts)

    def count(
        self, keys: Iterable[str], operation: str, principal: str, use: LastUse | None
    ) -> None:
        """Count one call on these keys; `use` is None where it was refused."""
        for key in keys or (NO_KEY,):
            which = (key, operation, principal)
            held = self._counts.get(which)
            if held is None:
                held = self._counts[which] = [0, 0]
            if use is None:
                held[1] += 1
            else:
                held[0] += 1
                if key and operation in USES:
                    self._last[key] = use

    def count_record(self, body: bytes) -> None:
        """Count a record as it stands in the trail."""
        recorded = call_in(body)
        if recorded is not None:
            self.count(*recorded)

    def last(self, key_arn: str) -> LastUse | None:
        """The last use of a key."""
        return self._last.get(key_arn)

    def last_uses(self) -> Iterable[tuple[str, LastUse]]:
        """The last use of each key by its ARN."""
        return self._last.items()

    def counts(self) -> Iterable[Count]:
        """Every total, in no order."""
        return (Count(*which, *held) for which, held in self._counts.items())

    def page(self, after: Which, most: int) -> list[Count]:
        """The first totals behind `after`, in order."""
        behind = heapq.nsmallest(most, (each for each in self._counts if each > after))
        return [Count(*which, *self._counts[which]) for which in behind]

    def taken(self) -> Usage:
        """All of it; nothing is left here."""
        taken = Usage()
        taken._last, taken._counts = self._last, self._counts
        self._last, self._counts = {}, {}
        return taken

    def put_back(self, taken: Usage) -> None:
        """Count what was taken, too; what is here was counted later."""
        self._last = taken._last | self._last
        for which, (served, refused) in taken._counts.items():
            held = self._counts.setdefault(which, [0, 0])
            held[0] += served
            held[1] += refused

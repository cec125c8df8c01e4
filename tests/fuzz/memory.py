"""What a conversation was answered: keys with their metadata, and everything else by its name."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from random import Random
from typing import Any

KEPT = 24  # of each kind; older ones are forgotten
METADATA = ("KeyMetadata", "ReplicaKeyMetadata")
SHARED = {"ListKeys", "ListAliases", "ListRetirableGrants"}
"""Answers that also show what other conversations made: not kept, so that one can be replayed."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was answered, and its answer."""

    operation: str
    given: dict[str, Any]
    answer: dict[str, Any]


class Memory:
    """Of one conversation."""

    def __init__(self) -> None:
        self.keys: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.aliases: deque[str] = deque(maxlen=KEPT)
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT)
        self._things: dict[str, deque[Any]] = defaultdict(lambda: deque(maxlen=KEPT))

    def remember(self, exchange: Exchange) -> None:
        """Keep what an answer gave."""
        self.exchanges.append(exchange)
        if exchange.operation == "CreateAlias":
            self.aliases.append(exchange.given["AliasName"])
        for name in METADATA:
            if name in exchange.answer and exchange.operation != "DescribeKey":
                self.keys.append(exchange.answer[name])
        if exchange.operation in SHARED:
            self._keep("NextMarker", exchange.answer.get("NextMarker"))
        else:
            for name, value in exchange.answer.items():
                self._keep(name, value)

    def thing(self, random: Random, *names: str) -> Any:
        """Something that was answered under one of these names, or None."""
        found = [each for name in names for each in self._things[name]]
        return random.choice(found) if found else None

    def key(self, random: Random, algorithms: str | None = None) -> dict[str, Any] | None:
        """The metadata of a key; of one that lists such algorithms, if they are named."""
        keys = [key for key in self.keys if algorithms is None or key.get(algorithms)]
        return random.choice(keys) if keys else None

    def _keep(self, name: str, value: Any) -> None:
        """Strings by their name; the strings inside of structures and lists too."""
        if isinstance(value, str):
            self._things[name].append(value)
        elif isinstance(value, dict):
            for inner, each in value.items():
                self._keep(inner, each)
        elif isinstance(value, list):
            for each in value:
                self._keep(name, each)

"""Where in a TOML file a setting stands: `tomllib` reads values and forgets their lines."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

__all__ = ["Lines", "Place"]

Place = tuple[str | int, ...]
"""As in ("step", 2, "at"): the key `at` of the third [[step]]."""

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+?)(?:\.\"([^\"]*)\")?\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_LONG_QUOTES: Final = ('"""', "'''")


class Lines:
    """The lines of a text's tables and keys, counted from 1. Dotted keys are not looked into."""

    def __init__(self, text: str) -> None:
        self._found: dict[Place, int] = {}
        counts: Counter[str] = Counter()
        table: Place = ()
        quote = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if quote:
                quote = "" if quote in line else quote
                continue
            if header := _HEADER.match(line):
                name = header[2]
                table = (name, counts[name]) if header[1] == "[[" else (name,)
                counts[name] += 1
                if header[3] is not None:  # [name."quoted"]
                    table = (name, header[3])
                self._found.setdefault(table, number)
            elif key := _KEY.match(line):
                self._found.setdefault((*table, key[1]), number)
                quote = next((each for each in _LONG_QUOTES if line.count(each) == 1), "")

    def of(self, *place: str | int) -> int:
        """The line of a setting; of the table around it where it is absent; else the first."""
        for length in range(len(place), 0, -1):
            if line := self._found.get(place[:length]):
                return line
        return 1

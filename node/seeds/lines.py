"""On which line of a TOML file each of its values stands.

`tomllib` tells lines of syntax errors alone. A document that it has read is walked here a second
time, line by line: what is known to be valid needs little to be found again (toml.io, v1.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

Path = tuple[str | int, ...]
"""From the root: names of tables and keys, and places in an array of tables."""

_KEY: Final = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.?)""")
_TOKENS: Final = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*|[\[\]{}]')
_ENDS: Final = {
    '"""': re.compile(r'(?:[^\\]|\\.)*?"""', re.DOTALL),
    "'''": re.compile(r".*?'''", re.DOTALL),
}


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every table and every key of a valid TOML document."""
    found: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, statement in _statements(text):
        if statement.startswith("[["):
            name = _resolved(_names(statement[2:]), counts)
            counts[name] = counts.get(name, -1) + 1
            found.setdefault(name, number)
            table = (*name, counts[name])
        elif statement.startswith("["):
            table = _resolved(_names(statement[1:]), counts)
        else:
            found.setdefault((*table, *_names(statement)), number)
            continue
        found.setdefault(table, number)
    return found


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of a value: its own, or that of the nearest that it is part of."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header and each `key = value`, however many lines it has, with its first line."""
    position, number = 0, 1
    while position < len(text):
        end = _end(text, position)
        statement = text[position:end].strip()
        if statement and not statement.startswith("#"):
            yield number, statement
        number += text.count("\n", position, end)
        position = end


def _end(text: str, position: int) -> int:
    """Where the statement that begins at `position` ends: behind a line feed outside of brackets
    and strings, or with the text."""
    depth = 0
    while True:
        line_end = text.find("\n", position)
        token = _TOKENS.search(text, position)
        if depth == 0 and line_end >= 0 and (token is None or token.start() > line_end):
            return line_end + 1
        if token is None:
            return len(text)
        position = token.end()
        if token[0] in _ENDS:
            closed = _ENDS[token[0]].match(text, position)
            position = len(text) if closed is None else closed.end()
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)


def _names(statement: str) -> tuple[str, ...]:
    """The dotted key that a statement begins with."""
    names, position = [], 0
    while (found := _KEY.match(statement, position)) is not None:
        names.append(next(each for each in found.groups()[:3] if each is not None))
        position = found.end()
        if not found[4]:
            break
    return tuple(names)


def _resolved(names: tuple[str, ...], counts: Mapping[Path, int]) -> Path:
    """A header's name with the places of the arrays of tables that it goes through."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return (*path, names[-1])

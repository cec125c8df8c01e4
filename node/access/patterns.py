"""The texts of a policy that may hold wildcards and policy variables, compiled once.

`*` stands for any run of characters, `?` for one. `${key}` stands for the value of a condition key,
`${key, 'default'}` for a default where the request has none, and `${*}`, `${?}`, `${$}` for the
character itself. What a variable resolves to is taken literally, whatever is in it. Matching is
linear in the pattern for each place in the text: no pattern of an author can stop the node.

Source: IAM User Guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

Values = tuple[str, ...] | None
"""The values that a request has for a condition key; None for a key that it has not."""

Lookup = Callable[[str], Values]
"""From a condition key, in lower case, to its values."""

_TOKEN: Final = re.compile(
    r"\$\{(?P<literal>[*?$])\}"
    r"|\$\{\s*(?P<key>[A-Za-z][^\s,}']*)\s*(?:,\s*'(?P<default>[^']*)'\s*)?\}"
    r"|(?P<wildcard>[*?])"
)


class Unresolved(Exception):
    """A policy variable has no value in this request, or more than one."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable: the condition key that it stands for, and its default."""

    key: str
    default: str | None

    def resolved(self, lookup: Lookup) -> str:
        """Its value in this request. Raises Unresolved."""
        values = lookup(self.key)
        if values is not None and len(values) == 1:
            return values[0]
        if values is None and self.default is not None:
            return self.default
        raise Unresolved(self.key)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*` or `?`."""

    sign: str


ANY_RUN: Final = Wildcard("*")
ANY_ONE: Final = Wildcard("?")
Part = str | Variable | Wildcard


@dataclass(frozen=True, slots=True)
class Text:
    """A text in which wildcards are ordinary characters, and variables are not."""

    source: str
    parts: tuple[str | Variable, ...]
    literal: str | None  # the text, if it is the same for every request

    @classmethod
    def compiled(cls, source: str, *, variables: bool) -> Text:
        """Compile a text; `variables` says whether the policy's version has them."""
        found = _parts(source, variables=variables)
        parts = tuple(each.sign if isinstance(each, Wildcard) else each for each in found)
        texts = [part for part in parts if isinstance(part, str)]
        return cls(source, parts, "".join(texts) if len(texts) == len(parts) else None)

    @property
    def fixed(self) -> bool:
        """Whether it is the same for every request."""
        return self.literal is not None

    def resolved(self, lookup: Lookup) -> str:
        """The text in this request. Raises Unresolved."""
        if self.literal is not None:
            return self.literal
        return "".join(
            part.resolved(lookup) if isinstance(part, Variable) else part for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """What stands between two `*`: of fixed size, with `?` where `pattern` is given."""

    text: str
    pattern: re.Pattern[str] | None

    def starts(self, text: str) -> bool:
        """Whether `text` begins with it."""
        if self.pattern is None:
            return text.startswith(self.text)
        return self.pattern.match(text) is not None

    def end(self, text: str, after: int) -> int | None:
        """Where its first occurrence at or after `after` ends."""
        if self.pattern is None:
            found = text.find(self.text, after)
            return None if found < 0 else found + len(self.text)
        match = self.pattern.search(text, after)
        return None if match is None else match.end()

    def closes(self, text: str, after: int) -> bool:
        """Whether `text` ends with it, at or after `after`."""
        start = len(text) - len(self.text)
        if start < after:
            return False
        if self.pattern is None:
            return text.endswith(self.text)
        return self.pattern.match(text, start) is not None


@dataclass(frozen=True, slots=True)
class Glob:
    """A text with wildcards, and variables where the policy's version has them."""

    source: str
    parts: tuple[Part, ...]
    segments: tuple[Segment, ...] | None  # None where a variable has to be resolved first

    @classmethod
    def compiled(cls, source: str, *, variables: bool) -> Glob:
        """Compile a pattern; `variables` says whether the policy's version has them."""
        parts = tuple(_parts(source, variables=variables))
        fixed = not any(isinstance(part, Variable) for part in parts)
        return cls(source, parts, _segments(parts) if fixed else None)

    @property
    def fixed(self) -> bool:
        """Whether it is the same for every request."""
        return self.segments is not None

    def matches(self, text: str, lookup: Lookup) -> bool:
        """Whether the whole of `text` matches in this request. Raises Unresolved."""
        segments = self.segments
        if segments is None:
            segments = _segments(
                tuple(
                    part.resolved(lookup) if isinstance(part, Variable) else part
                    for part in self.parts
                )
            )
        return _matches(segments, text)


def _matches(segments: tuple[Segment, ...], text: str) -> bool:
    first, last = segments[0], segments[-1]
    if len(segments) == 1:
        return len(text) == len(first.text) and first.starts(text)
    if not first.starts(text):
        return False
    position: int | None = len(first.text)
    for segment in segments[1:-1]:
        position = segment.end(text, position or 0)
        if position is None:
            return False
    return last.closes(text, position or 0)


def _segments(parts: tuple[Part, ...]) -> tuple[Segment, ...]:
    """Cut at each `*`; there is one segment more than there are cuts, and any may be empty."""
    cut: list[list[Part]] = [[]]
    for part in parts:
        if part is ANY_RUN:
            cut.append([])
        else:
            cut[-1].append(part)
    return tuple(_segment(each) for each in cut)


def _segment(parts: list[Part]) -> Segment:
    text = "".join(part if isinstance(part, str) else "?" for part in parts)
    if all(isinstance(part, str) for part in parts):
        return Segment(text, None)
    pattern = "".join(re.escape(part) if isinstance(part, str) else "." for part in parts)
    return Segment(text, re.compile(pattern, re.DOTALL))


def _parts(source: str, *, variables: bool) -> Iterator[Part]:
    position = 0
    for token in _TOKEN.finditer(source):
        if token["wildcard"] is None and not variables:
            continue
        if token.start() > position:
            yield source[position : token.start()]
        position = token.end()
        if token["wildcard"] is not None:
            yield ANY_RUN if token["wildcard"] == ANY_RUN.sign else ANY_ONE
        elif token["literal"] is not None:
            yield token["literal"]
        else:
            yield Variable(token["key"].lower(), token["default"])
    if position < len(source):
        yield source[position:]

"""Text that a regular expression of the model matches, made from the parsed expression."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from re import _constants as kinds  # type: ignore[attr-defined]  # the parser's own names; the model's patterns use few of them
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

WORD = "abcXYZ019_"
DIGITS = "0123456789"
BLANKS = " \t\n"
ANY = "aZ5é-_/ "


TRIES = 100


@cache
def _parsed(pattern: str) -> Any:
    return [node for node in parser.parse(pattern) if node[0] is not kinds.AT]


def matching(pattern: str, random: Random, least: int, most: int) -> str:
    """A text that `pattern` matches as a whole, of `least` to `most` characters where it can be."""
    parsed, text = _parsed(pattern), ""
    if len(parsed) == 1 and parsed[0][0] is kinds.MAX_REPEAT:
        parsed = [_bounded(parsed[0], least, most)]
    for _ in range(TRIES):
        text = "".join(_part(each, random, max(least, 1)) for each in parsed)
        if least <= len(text) <= most:
            break
    return text


def _bounded(repeat: Any, least: int, most: int) -> Any:
    """The one repetition of a pattern, of as many times as a length between bounds needs."""
    kind, (fewest, many, inner) = repeat
    least = min(max(fewest, least), int(many))
    return kind, (least, max(least, min(int(many), most)), inner)


def _part(node: Any, random: Random, wanted: int) -> str:
    kind, detail = node
    if kind is kinds.LITERAL:
        return chr(detail)
    if kind is kinds.ANY:
        return random.choice(ANY)
    if kind is kinds.IN:
        return _one_of(detail, random)
    if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
        least, most, inner = detail
        times = random.randint(least, min(int(most), max(least, wanted) + 6))
        return "".join(_part(each, random, 1) for _ in range(times) for each in inner)
    if kind is kinds.SUBPATTERN:
        return "".join(_part(each, random, wanted) for each in detail[-1])
    if kind is kinds.BRANCH:
        return "".join(_part(each, random, wanted) for each in random.choice(detail[1]))
    if kind is kinds.AT:
        return ""
    raise re.error(f"the fuzzer cannot make {kind}")


def _one_of(items: Any, random: Random) -> str:
    kind, detail = random.choice(items)
    if kind is kinds.RANGE:
        return chr(random.randint(*detail))
    if kind is kinds.CATEGORY:
        return random.choice(
            {kinds.CATEGORY_DIGIT: DIGITS, kinds.CATEGORY_SPACE: BLANKS}.get(detail, WORD)
        )
    return chr(detail)

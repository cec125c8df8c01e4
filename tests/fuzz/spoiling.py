"""Members made wrong, one or two at a time: at a limit, beyond it, of another type, odd inside."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from random import Random
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from tests.fuzz.values import beyond, borderline, encoded, valid, wrong
from tests.scenarios.requests import ODD_VALUES

NOT_BASE64 = ("=", "A", "AA=", "A===", "_-_-", "AAAA\n", "AA AA", "AAA$", "\uff21" * 4)


def spoil(members: dict[str, Any], shape: StructureShape, random: Random) -> None:
    """Changes one or two members in place."""
    for _ in range(random.randint(1, 2)):
        _spoil_one(members, shape, random)


def _spoil_one(members: dict[str, Any], shape: StructureShape, random: Random) -> None:
    name = random.choice(sorted(shape.members))
    member = shape.members[name]
    roll = random.random()
    if roll < 0.06:
        members.pop(name, None)
    elif roll < 0.1:
        members[random.choice(("unknown", name.lower(), "\ud800", "", "__proto__"))] = wrong(random)
    elif roll < 0.3 and name in ODD_VALUES:
        members[name] = random.choice(ODD_VALUES[name])
    else:
        members[name] = _odd(member, members.get(name), random)


def _odd(shape: Shape, value: Any, random: Random) -> Any:
    """Something else than `value`, or something else inside of it."""
    if random.random() < 0.5:
        inside = _inside(shape, value, random)
        if inside is not None:
            return inside
    makers: list[Callable[[], Any]] = [
        lambda: borderline(shape, random),
        lambda: beyond(shape, random),
        lambda: wrong(random),
        lambda: valid(shape, random),
    ]
    return random.choice(makers)()


def _inside(shape: Shape, value: Any, random: Random) -> Any:
    """`value` with a change inside; None where it has no inside."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        changed = dict(value)
        _spoil_one(changed, shape, random)
        return changed
    if isinstance(shape, ListShape) and isinstance(value, list) and value:
        return _list_spoiled(shape, value, random)
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {**value, str(wrong(random, 3)): _odd(shape.value, "", random)}
    if isinstance(value, str) and value:
        return _flipped(value, random) if shape.type_name == "blob" else _typo(value, random)
    return None


def _list_spoiled(shape: ListShape, value: list[Any], random: Random) -> list[Any]:
    place = random.randrange(len(value))
    kind = random.random()
    if kind < 0.3:
        return value * random.choice((2, 20, 300))
    element = None if kind < 0.4 else _odd(shape.member, value[place], random)
    return [*value[:place], element, *value[place + 1 :]]


def _flipped(value: str, random: Random) -> str:
    """A blob with one bit flipped, cut, longer, or not base64 at all."""
    if random.random() < 0.2:
        return random.choice(NOT_BASE64)
    try:
        blob = bytearray(base64.b64decode(value))
    except (binascii.Error, ValueError):
        return value + "="
    kind = random.random()
    if kind < 0.6 and blob:
        blob[random.randrange(len(blob))] ^= 1 << random.randrange(8)
    elif kind < 0.8:
        del blob[random.randint(0, len(blob)) :]
    else:
        blob += random.randbytes(random.choice((1, 16, 7000)))
    return encoded(bytes(blob))


def _typo(value: str, random: Random) -> str:
    """A text with one character changed, gone or doubled."""
    place = random.randrange(len(value))
    other = random.choice(("", value[place] * 2, "x", "\n", "é", ":", "/", value[place].swapcase()))
    return value[:place] + other + value[place + 1 :]

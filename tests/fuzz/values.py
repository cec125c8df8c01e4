"""Values of a shape of the model, as JSON has them: valid, at its limits, beyond, of any type."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from tests.fuzz.patterns import matching

UNBOUNDED = 64  # the most of what the model does not bound
SMALL = 40  # above its least, for a value that is merely valid
LARGEST = 200_000  # no value is made longer: a body has a limit of its own
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_/ äß€\U0001f511"
NUMBERS = (0, 1, -1, 7, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, 10**30, 0.5, 1e308, -0.0)
TEXTS = ("", " ", "\x00", "\ud800", "null", "true", "0", "=", "AAAA", "AAA", "é", "\U0001f511" * 9)


def valid(shape: Shape, random: Random) -> Any:
    """A value that the model allows."""
    return _VALID[shape.type_name](shape, random)


def borderline(shape: Shape, random: Random) -> Any:
    """A value of exactly the least or the most length or size that the model allows."""
    least, most = limits(shape)
    return _sized(shape, random.choice((least, most)), random)


def beyond(shape: Shape, random: Random) -> Any:
    """A value of the right type that the model does not allow, where it forbids any."""
    least, most = limits(shape)
    if getattr(shape, "enum", None):
        return random.choice(("", shape.enum[0].lower(), shape.enum[0] + " ", "SYMMETRIC", "NONE"))
    if shape.metadata.get("pattern") and random.random() < 0.5:
        return random.choice(("\n", "ключ", "a\x00b", "%s%n", "../..", "\ud83d")) * random.randint(
            1, 3
        )
    return _sized(shape, random.choice((least - 1, most + 1)), random)


def wrong(random: Random, depth: int = 0) -> Any:
    """Any JSON value at all."""
    makers: list[Callable[[], Any]] = [
        lambda: None,
        lambda: random.random() < 0.5,
        lambda: random.choice(NUMBERS),
        lambda: random.choice(TEXTS),
        lambda: random.choice(TEXTS) * random.randint(0, 300),
    ]
    if depth < 3:
        makers.append(lambda: [wrong(random, depth + 1) for _ in range(random.randint(0, 3))])
        makers.append(
            lambda: {
                str(wrong(random, 3)): wrong(random, depth + 1) for _ in range(random.randint(0, 3))
            }
        )
    return random.choice(makers)()


def limits(shape: Shape) -> tuple[int, int]:
    """The least and the most length of a string, blob or list, or value of a number."""
    metadata = shape.metadata
    least = int(metadata.get("min", 0))
    return least, int(metadata.get("max", max(least, UNBOUNDED)))


def encoded(blob: bytes) -> str:
    """A blob as JSON has it."""
    return base64.b64encode(blob).decode("ascii")


def _sized(shape: Shape, size: int, random: Random) -> Any:
    """A value of this size; a negative one is taken for the least."""
    if shape.type_name in ("integer", "long", "timestamp"):
        return size
    size = min(max(size, 0), LARGEST)
    if isinstance(shape, ListShape):
        return [valid(shape.member, random) for _ in range(min(size, 3000))]
    if shape.type_name == "blob":
        return encoded(random.randbytes(size))
    if shape.type_name == "string":
        return _text(shape, random, size, size)
    return valid(shape, random)


def _text(shape: Shape, random: Random, least: int, most: int) -> str:
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return "".join(random.choices(LETTERS, k=random.randint(least, most)))
    return matching(pattern, random, least, most)


def _string(shape: Any, random: Random) -> str:
    if shape.enum:
        return str(random.choice(shape.enum))
    least, most = limits(shape)
    return _text(shape, random, least, min(most, least + SMALL))


def _blob(shape: Shape, random: Random) -> str:
    least, most = limits(shape)
    return encoded(random.randbytes(random.randint(least, min(most, least + SMALL))))


def _list(shape: ListShape, random: Random) -> list[Any]:
    least, most = limits(shape)
    return [valid(shape.member, random) for _ in range(random.randint(least, min(most, 3)))]


def _map(shape: MapShape, random: Random) -> dict[str, Any]:
    return {
        valid(shape.key, random): valid(shape.value, random) for _ in range(random.randint(0, 3))
    }


def _structure(shape: StructureShape, random: Random) -> dict[str, Any]:
    return {
        name: valid(member, random)
        for name, member in shape.members.items()
        if name in shape.required_members or random.random() < 0.5
    }


_VALID: Mapping[str, Callable[[Any, Random], Any]] = {
    "blob": _blob,
    "boolean": lambda _, random: random.random() < 0.5,
    "integer": lambda shape, random: random.randint(*limits(shape)),
    "list": _list,
    "map": _map,
    "string": _string,
    "structure": _structure,
    "timestamp": lambda _, random: random.choice((0, 1.9e9, 2e9 + 0.5)),
}

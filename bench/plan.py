"""What is measured, as values: cells, and the random order in which each round visits them.

A cell is one subject doing one operation with one number of connections. Every round visits every
cell once, so that a disturbance of minutes meets all of them alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

CONNECTIONS: Final = (1, 32)
HONEST: Final = ("Decrypt", "Encrypt", "GenerateDataKey")  # what the honest minimum does
OPERATIONS: Final = (*HONEST, "GenerateMac", "Sign", "Verify")


class Subject(StrEnum):
    """Who is measured. The letters are those of performance.md."""

    KEYSPAN = "keyspan"  # one region node, its own process, default settings
    ALONE = "alone"  # the same node's protocol.handle, called in a loop without HTTP
    BARE = "a"  # an aiohttp Application that answers a fixed body
    MINIMUM = "e"  # the honest minimum on an aiohttp Application
    RAW = "f"  # the honest minimum on a raw asyncio protocol
    MOTO = "moto"  # moto's server, the mock of AWS that most tests use


REFERENCES: Final = (Subject.BARE, Subject.MINIMUM, Subject.RAW, Subject.MOTO)
MEASURED: Final[Mapping[Subject, tuple[str, ...]]] = MappingProxyType(
    {
        Subject.BARE: OPERATIONS,  # it looks at no body: one stands for all
        Subject.MINIMUM: HONEST,
        Subject.RAW: HONEST,
        Subject.MOTO: HONEST[:1],  # so slow that one says enough
    }
)
"""The operations that each reference is measured with."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One thing to measure."""

    subject: Subject
    operation: str
    connections: int

    def __str__(self) -> str:
        return f"{self.subject}/{self.operation}/{self.connections}"


def reference_cell(cell: Cell, reference: Subject) -> Cell:
    """The cell of the same round that `cell` is compared with.

    The bare server looks at no body, so that one operation stands for all.
    """
    operation = OPERATIONS[0] if reference is Subject.BARE else cell.operation
    return Cell(reference, operation, cell.connections)


def planned(words: Sequence[str] = ()) -> tuple[Cell, ...]:
    """Keyspan's cells whose name contains one of `words` (or all), each with its references."""
    chosen = [cell for cell in _keyspan_cells() if _named(cell, words)]
    references = (
        reference_cell(cell, each)
        for cell in chosen
        for each in REFERENCES
        if cell.operation in MEASURED[each]
    )
    alone = [Cell(Subject.ALONE, OPERATIONS[0], 1)]
    return _unique([*chosen, *(each for each in alone if _named(each, words)), *references])


def rounds(cells: Sequence[Cell], count: int, seed: int) -> tuple[tuple[Cell, ...], ...]:
    """`count` random orders of all cells; the same for the same seed."""
    shuffled = random.Random(seed)  # noqa: S311  an order of measurements, not a secret
    return tuple(tuple(shuffled.sample(cells, len(cells))) for _ in range(count))


def _keyspan_cells() -> list[Cell]:
    return [Cell(Subject.KEYSPAN, name, count) for name in OPERATIONS for count in CONNECTIONS]


def _named(cell: Cell, words: Sequence[str]) -> bool:
    """Whether the cell's name, `keyspan/Decrypt/32`, has one of the words; without words, yes."""
    path = f"/{cell}/".lower()
    return not words or any(f"/{word.lower()}/" in path for word in words)


def _unique(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    return tuple(dict.fromkeys(cells))

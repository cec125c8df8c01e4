"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.errors import BenchError
from bench.plan import Cell, planned
from bench.replay import LONGEST_CELL_SECONDS
from bench.sections import SECTIONS
from bench.sections.section import Section

RESULTS: Final = Path(__file__).parent / "results"

_DATA_PLANE: Final = "data-plane"
_QUICK: Final = ("Decrypt", "GenerateDataKey")
_DESCRIPTION: Final = """\
Measure Decrypt, Encrypt, GenerateDataKey, GenerateMac, Sign and Verify over HTTP, signed, against
one real node with default settings, beside references in the same run: (a) an aiohttp Application
that answers a fixed body, (e) the least that an honest KMS can do on aiohttp, and (f) the same on a
raw asyncio protocol. Server and load generator have a core each.
The load generator is wrk; without it, one in Python, and the report says so.

Then one section after another:
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `seconds` is for each cell in each round; `quick` asks if it works."""

    seconds: int
    rounds: int
    cells: tuple[Cell, ...]
    sections: tuple[Section, ...]
    seed: int
    publish: bool
    quick: bool


def read_options(words: Sequence[str] | None = None) -> Options:
    """The options of a command line; without `words`, of this process. Raises BenchError."""
    given = _parser().parse_args(words)
    if not 1 <= given.seconds <= LONGEST_CELL_SECONDS:
        raise BenchError(
            f"--seconds goes from 1 to {LONGEST_CELL_SECONDS}; a signature is short-lived."
        )
    if given.rounds < 1:
        raise BenchError("--rounds is at least 1.")
    if given.quick:
        given.seconds, given.rounds, given.only = 1, 1, given.only or _QUICK
    cells, sections = _chosen(given.only)
    return Options(
        given.seconds, given.rounds, cells, sections, given.seed, given.publish, given.quick
    )


def _chosen(words: Sequence[str]) -> tuple[tuple[Cell, ...], tuple[Section, ...]]:
    """The cells and the sections that are named; all of both without a word."""
    if not words:
        return planned(), SECTIONS
    sections = tuple(each for each in SECTIONS if each.name in words)
    named = {each.name for each in sections}
    rest = [word for word in words if word not in named]
    for word in rest:
        if word != _DATA_PLANE and not planned([word]):
            raise BenchError(f"--only {word} names nothing that is measured; see --help.")
    if _DATA_PLANE in rest:
        return planned(), sections
    return (planned(rest) if rest else ()), sections


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench",
        description=_DESCRIPTION + "".join(f"  {each.name:14}{each.title}\n" for each in SECTIONS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--seconds", type=int, default=3, help="for each cell in each round (default: 3)")
    add("--rounds", type=int, default=7, help="each visits every cell once (default: 7)")
    add(
        "--quick",
        action="store_true",
        help="does it work? one round of one second each, in 20 seconds",
    )
    add(
        "--only",
        type=_words,
        default=(),
        metavar="A,B",
        help="sections by name, data-plane, or cells of Keyspan with one of these in their names, "
        "such as Decrypt, 32, keyspan/Decrypt/32 or alone; their references come with them",
    )
    add(
        "--seed",
        type=int,
        default=secrets.randbelow(1_000_000),
        help="of the order of the cells (default: a new one)",
    )
    add("--publish", action="store_true", help="also write bench/REPORT.md, .json and .svg")
    return parser


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)

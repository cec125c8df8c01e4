"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.errors import BenchError
from bench.plan import planned
from bench.replay import LONGEST_CELL_SECONDS

RESULTS: Final = Path(__file__).parent / "results"

_QUICK: Final = ("Decrypt", "GenerateDataKey")
_DESCRIPTION: Final = """\
Measure Decrypt, Encrypt, GenerateDataKey, GenerateMac, Sign and Verify over HTTP, signed, against
one real node with default settings, beside references in the same run: (a) an aiohttp Application
that answers a fixed body, (e) the least that an honest KMS can do on aiohttp, and (f) the same on a
raw asyncio protocol. Server and load generator have a core each.
The load generator is wrk; without it, one in Python, and the report says so.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `seconds` is for each cell in each round."""

    seconds: int
    rounds: int
    only: tuple[str, ...]
    seed: int
    publish: bool


def read_options(words: Sequence[str] | None = None) -> Options:
    """The options of a command line; without `words`, of this process. Raises BenchError."""
    given = _parser().parse_args(words)
    if not 1 <= given.seconds <= LONGEST_CELL_SECONDS:
        raise BenchError(
            f"--seconds goes from 1 to {LONGEST_CELL_SECONDS}; a signature is short-lived."
        )
    if given.rounds < 1:
        raise BenchError("--rounds is at least 1.")
    if not planned(given.only):
        raise BenchError(
            f"--only {','.join(given.only)} names nothing that is measured; see --help."
        )
    if given.quick:
        given.seconds, given.rounds, given.only = 1, 1, given.only or _QUICK
    return Options(given.seconds, given.rounds, given.only, given.seed, given.publish)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench",
        description=_DESCRIPTION,
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
        help="cells of Keyspan with one of these in their names, such as Decrypt, 32, "
        "keyspan/Decrypt/32 or alone; their references come with them",
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

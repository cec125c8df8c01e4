"""Runs simulations: `make simulate SEEDS=0-9999`, or `make simulate SEED=117` to replay one.

Prints how far it is and the seed of every failure; the transcript of the first one is printed and
written to simulation-<seed>.txt. The same seed and number of steps give the same transcript.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from tests.simulation.runs import Outcome, simulate

STEPS: Final = 200
SEEDS_OF_A_TASK: Final = 4
SECONDS_BETWEEN_WORDS: Final = 10.0
FAILURES_SHOWN: Final = 20


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 if every simulation held."""
    options = _parser().parse_args(arguments)
    if options.seed is not None:
        return _replay(options.seed, options.steps)
    return _run_all(_seeds(options.seeds), options.steps, options.processes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", default="500", help="a number (from 0 on), or FIRST-LAST")
    parser.add_argument("--seed", type=int, help="replay this one, with its transcript")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    return parser


def _seeds(text: str) -> range:
    first, dash, last = text.partition("-")
    try:
        return range(int(first), int(last) + 1) if dash else range(int(first))
    except ValueError:
        sys.exit(f"SEEDS={text}: give a number, such as 500, or a range, such as 0-9999.")


def _replay(seed: int, steps: int) -> int:
    outcome = simulate(seed, steps)
    sys.stdout.write("".join(f"{line}\n" for line in outcome.transcript))
    _say(f"seed {seed}: {outcome.failure or 'held'}")
    return 1 if outcome.failure else 0


def _run_all(seeds: range, steps: int, processes: int) -> int:
    started = said = time.monotonic()
    failed: list[Outcome] = []
    keys = rounds = done = 0
    for done, outcome in enumerate(_outcomes(seeds, steps, processes), 1):
        keys, rounds = keys + outcome.keys, max(rounds, outcome.rounds)
        if outcome.failure:
            failed.append(outcome)
            _say(f"seed {outcome.seed}: {outcome.failure}")
        if len(failed) >= FAILURES_SHOWN:
            break
        if time.monotonic() - said > SECONDS_BETWEEN_WORDS:
            said = time.monotonic()
            _say(_progress(done, len(seeds), len(failed), said - started))
    _say(
        f"{done:,} simulations of {steps} steps in {time.monotonic() - started:.0f} s: "
        f"{keys:,} keys, converged after {rounds} rounds at most, {len(failed)} failed"
    )
    if failed:
        _keep(min(failed, key=lambda each: each.seed), steps)
    return 1 if failed else 0


def _outcomes(seeds: range, steps: int, processes: int) -> Iterator[Outcome]:
    if processes <= 1:
        yield from map(partial(simulate, steps=steps), seeds)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(partial(simulate, steps=steps), seeds, SEEDS_OF_A_TASK)


def _progress(done: int, number: int, failed: int, seconds: float) -> str:
    left = (number - done) * seconds / done
    return f"{done:,} of {number:,} simulations, {failed} failed, about {left:.0f} s to go"


def _keep(outcome: Outcome, steps: int) -> None:
    place = Path(f"simulation-{outcome.seed}.txt")
    place.write_text("".join(f"{line}\n" for line in (*outcome.transcript, outcome.failure)))
    _say(f"the transcript of seed {outcome.seed} is in {place}; this replays it:")
    _say(f"    make simulate SEED={outcome.seed} STEPS={steps}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  the program's own output


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

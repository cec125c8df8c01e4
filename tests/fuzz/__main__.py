"""`python -m tests.fuzz`: the fuzzer; exits with 1 if it found anything."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.run import Found, Plan, Result, line_of, perform
from tests.fuzz.tally import MIB, Tally, growth

SHOWN = 10  # of what was found; all of it is in the file
TELL_SECONDS = 2.0
FINDINGS = Path(".cache/fuzz")


def main() -> int:
    """Runs, tells, and leaves what was found in .cache/fuzz."""
    plan = _plan()
    say(f"seed {plan.seed}: {plan.requests} requests to two regions, {plan.at_once} at once")
    told = [0.0]

    def tell(tally: Tally, seconds: float) -> None:
        if time.monotonic() - told[0] > TELL_SECONDS:
            told[0] = time.monotonic()
            say(line_of(tally, seconds))

    with tempfile.TemporaryDirectory() as folder:
        result = perform(plan, Path(folder) / "cluster", tell)
    report(plan, result)
    return 1 if result.found or result.objections else 0


def report(plan: Plan, result: Result) -> None:
    """Says how it went."""
    tally = result.tally
    say(line_of(tally, result.seconds))
    before, after = growth(tally.samples)
    for first, last in zip(before.resident, after.resident, strict=True):
        say(
            f"a node's memory from the middle to the end: {first / MIB:.1f} to {last / MIB:.1f} MiB"
        )
    say("kinds: " + ", ".join(f"{name} {count}" for name, count in tally.kinds.most_common()))
    say("answers: " + ", ".join(f"{name} {count}" for name, count in tally.outcomes.most_common()))
    say(f"slowest: {tally.slowest[1]}, {tally.slowest[0]:.1f} s")
    if tally.never_answered():
        say(f"served, but no request was right: {', '.join(tally.never_answered())}")
    for objection in result.objections:
        say(f"WRONG: {objection}")
    for found in result.found[:SHOWN]:
        say(f"WRONG: {found.asked.operation} ({found.asked.kind}): {found.asked.objection}")
        say(f"       again: make fuzz SEED={plan.seed} CONVERSATION={found.conversation}")
    if result.found:
        say(f"{len(result.found)} answers were wrong: {_written(plan, result.found)}")
    rate = tally.requests / result.seconds
    wrong = len(result.found) + len(result.objections)
    say(
        f"{tally.requests} requests in {result.seconds:.0f} s, {rate:.0f} per second; {wrong} wrong"
    )


def say(text: str) -> None:
    """One line, at once."""
    print(text, flush=True)  # noqa: T201


def _written(plan: Plan, found: Sequence[Found]) -> Path:
    """The file with every request whose answer was wrong."""
    FINDINGS.mkdir(parents=True, exist_ok=True)
    path = FINDINGS / f"seed-{plan.seed}.txt"
    with path.open("w", encoding="utf-8") as file:
        for each in found:
            asked = each.asked
            file.write(f"conversation {each.conversation}: {asked.operation}: {asked.objection}\n")
            file.write(f"  {asked.data!r}\n  {asked.response.status} {asked.response.body!r}\n")
    return path


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    parser.add_argument("--conversation", type=int, help="hold this one alone, as the run did")
    parser.add_argument("--at-once", type=int, default=6)
    given = parser.parse_args()
    return Plan(given.seed, given.requests, given.at_once, given.conversation)


if __name__ == "__main__":
    sys.exit(main())

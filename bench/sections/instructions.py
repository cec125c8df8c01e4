"""CPU instructions for one Decrypt: a number that a busy machine does not change."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.counted import COUNTED
from bench.errors import BenchError
from bench.load.command import output_of
from bench.plan import Subject
from bench.sections.section import (
    Quantity,
    Section,
    Stage,
    Unmeasurable,
    quotients,
)
from bench.servers import REGION
from node.cluster import ClusterFolder, free_addresses
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster

_HOW: Final = (
    "valgrind (cachegrind) counts the instructions of the server process for one Decrypt as boto3 "
    "sends it, from its bytes to the answer's, everything on and the audit trail asynchronous, "
    "without sockets and without the disk; reference (f) on the same transport. Counted once: the "
    "same code gives the same number, within 1 %, on however busy a machine. valgrind knows no "
    "SHA-256 instructions, so that a byte that is hashed counts some 27, far more than processors "
    "need: follow the number from commit to commit, and take speed from the data plane."
)
_LONGEST_SECONDS: Final = 900.0
_SUMMARY: Final = re.compile(r"^summary: (\d+)", re.MULTILINE)
_ENDED: Final = re.compile(r"^(\d+) (\d+) (\d+)$", re.MULTILINE)


def _run(stage: Stage) -> Iterator[Quantity]:
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise Unmeasurable("valgrind is not installed (Debian: apt-get install valgrind).")
    place = ClusterFolder(stage.folder / "cluster")
    create_cluster(place, free_addresses((REGION,)), DEFAULT_ACCOUNT, os.urandom)
    stage.say("counting instructions under valgrind: Keyspan")
    keyspan = _counted(valgrind, place, Subject.KEYSPAN, stage.folder)
    stage.say("counting instructions under valgrind: reference (f)")
    minimum = _counted(valgrind, place, Subject.RAW, stage.folder)
    yield Quantity("Decrypt, Keyspan", "instructions", (keyspan,))
    yield Quantity("Decrypt, (f)", "instructions", (minimum,))
    yield Quantity("(f) ÷ Keyspan", "", quotients((minimum,), (keyspan,)))


def _counted(valgrind: str, place: ClusterFolder, subject: Subject, folder: Path) -> float:
    """Instructions for one request."""
    counts = folder / f"counts-{subject}"
    counts.mkdir()
    command = (
        valgrind,
        "--tool=cachegrind",
        "--cache-sim=no",
        f"--cachegrind-out-file={counts}/%p",
        sys.executable,
        "-m",
        "bench.counted",
        str(place.root),
        subject.value,
    )
    output = output_of("bench.counted", command, _LONGEST_SECONDS, {"PYTHONHASHSEED": "0"})
    return per_request(output, {file.name: file.read_text() for file in counts.iterdir()})


def per_request(output: str, counts: dict[str, str]) -> float:
    """Instructions for one request, from what `bench.counted` wrote and valgrind's file for each of
    its processes. Raises BenchError where a request failed or a count is missing.
    """
    totals: dict[int, int] = {}
    for pid, count, failures in _ENDED.findall(output):
        found = _SUMMARY.search(counts.get(pid, ""))
        if int(failures) or found is None:
            raise BenchError(f"the instructions of {count} requests could not be counted.")
        totals[int(count)] = int(found[1])
    if set(totals) != {0, COUNTED}:
        raise BenchError(f"bench.counted did not end twice, but said: {output!r}")
    return (totals[COUNTED] - totals[0]) / COUNTED


SECTION: Final = Section("instructions", "Instructions for one Decrypt", _HOW, _run)

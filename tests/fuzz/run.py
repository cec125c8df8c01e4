"""A run: real nodes and Valkeys, conversations with them, and what was wrong in the end."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from node.cluster import ClusterFolder, LocalCluster, free_addresses, running
from tests.fuzz.conversation import LENGTH, Asked, Conversation
from tests.fuzz.sensible import REGIONS
from tests.fuzz.tally import MIB, Sample, Tally, memory_objections
from tests.fuzz.transport import Place

SAMPLES: Final = 100  # of memory, over a run
FAULT = re.compile(r"^(?:Traceback|\S+ \S+ (?:ERROR|CRITICAL) ).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: `conversation`, if given, is the only one held."""

    seed: int
    requests: int
    at_once: int
    conversation: int | None = None

    @property
    def numbers(self) -> range:
        """The conversations to hold."""
        if self.conversation is not None:
            return range(self.conversation, self.conversation + 1)
        return range(-(-self.requests // LENGTH))


@dataclass(frozen=True, slots=True)
class Found:
    """Something wrong: the conversation in which it was, and the request."""

    conversation: int
    asked: Asked


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended."""

    tally: Tally
    seconds: float
    found: Sequence[Found]
    objections: Sequence[str]  # to the run as a whole: logs, memory, replication


def perform(plan: Plan, folder: Path, tell: Callable[[Tally, float], None]) -> Result:
    """Holds the plan's conversations with a new cluster in `folder`; `tell` hears of progress."""
    with running(ClusterFolder(folder), free_addresses(REGIONS), os.urandom) as cluster:
        cluster.wait_until_caught_up()
        return asyncio.run(_hold(plan, cluster, tell))


async def _hold(plan: Plan, cluster: LocalCluster, tell: Callable[[Tally, float], None]) -> Result:
    tally, found, started = Tally(), list[Found](), time.monotonic()
    places = [
        Place(name, each.address.endpoint, cluster.administrator)
        for name, each in cluster.regions.items()
    ]
    every = max(len(plan.numbers) * LENGTH // SAMPLES, 1)
    numbers = iter(plan.numbers)

    def heard(number: int, asked: Asked) -> None:
        tally.count(asked)
        if asked.objection is not None:
            found.append(Found(number, asked))
        if tally.requests % every == 0:
            tally.samples.append(Sample(tally.requests, tally.made, resident(cluster)))
            tell(tally, time.monotonic() - started)

    async def one_after_the_other() -> None:
        for number in numbers:
            conversation = Conversation(plan.seed, number, places)
            await conversation.hold(LENGTH, partial(heard, number))

    async with asyncio.TaskGroup() as group:
        for _ in range(plan.at_once):
            group.create_task(one_after_the_other())
    seconds = time.monotonic() - started
    objections = await asyncio.to_thread(lambda: list(_objections(cluster, tally)))
    return Result(tally, seconds, found, objections)


def _objections(cluster: LocalCluster, tally: Tally) -> Iterator[str]:
    """What is wrong after the last request."""
    for name, region in cluster.regions.items():
        if not region.node.running:
            yield f"the node of {name} {region.node.ended}"
        log = region.node.log.read_text(encoding="utf-8", errors="replace")
        for line in FAULT.findall(log)[:3]:
            yield f"the log of {name} has: {line}"
    yield from memory_objections(tally.samples)
    cluster.wait_until_caught_up()


def resident(cluster: LocalCluster) -> tuple[int, ...]:
    """The resident memory of each node, in bytes; 0 of one that has ended."""
    pids = [each.node.pid for each in cluster.regions.values()]
    return tuple(0 if pid is None else _resident(pid) for pid in pids)


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024
    except OSError:  # not Linux
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False
        )
        return int(told.stdout or 0) * 1024


def line_of(tally: Tally, seconds: float) -> str:
    """One line of progress."""
    resident = "  ".join(f"{each / MIB:.0f}" for each in tally.samples[-1].resident)
    rate = tally.requests / max(seconds, 0.001)
    return (
        f"{tally.requests:7} requests  {rate:5.0f}/s  {tally.made:6} keys, aliases, grants made"
        f"  memory of the nodes, MiB: {resident}"
    )

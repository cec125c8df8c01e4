"""What access control costs a call, with 1, 10 and 100 statements in the key policy.

    python -m bench.policies [ROUNDS]

Everything is measured in each round, one after the other, and a ratio is taken within its round: a
machine that is slow for a while is slow for all. Medians over the rounds, in microseconds. A region
with its real store serves the requests in this process, without HTTP and replication, and with
`audit.durability = "async"`: one request at a time would otherwise measure the disk.

Each policy allows by its last statement alone. "No condition": the decision is kept, and every
request looks it up. "A condition each": the request's encryption context is compared with each
statement's in turn. "Changed": the policy was put anew, and is compiled and narrowed for the
first request after that.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import uvloop
from rich.table import Table

from bench.errors import BenchError
from bench.replay import Signer
from bench.servers import REGION
from node.access.compiled import CompiledPolicies
from node.access.document import key_policy
from node.assembly import Region, assemble, open_region
from node.cli.screen import output
from node.cluster import ClusterFolder, free_addresses
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster
from node.model.principal import Principal
from node.parts import real_world
from node.settings import read_node_settings
from node.wire.messages import WireRequest
from node.wire.sigv4 import Scope

STATEMENTS: Final = (1, 10, 100)
ROUNDS: Final = 7
REQUESTS: Final = 1_000
REPEATED: Final = 200
MEASURED: Final = (
    "Encrypt, no condition",
    "Encrypt, a condition each",
    "the policy compiled",
    "changed: the first decision",
)

Measure = Callable[[], Awaitable[float]]
"""One measurement: microseconds for one call."""


def policy(principal: str, statements: int, *, conditions: bool) -> str:
    """A key policy that allows `principal` to encrypt by its last statement."""

    def statement(number: int) -> dict[str, Any]:
        last = number == statements - 1
        found: dict[str, Any] = {
            "Sid": f"statement {number}",
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": "kms:Encrypt" if last or conditions else "kms:Sign",
            "Resource": "*",
        }
        if conditions:
            tenant = "mine" if last else f"tenant-{number}"
            found["Condition"] = {"StringEquals": {"kms:EncryptionContext:tenant": tenant}}
        return found

    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement(number) for number in range(statements)]}
    )


class Subject:
    """A region in this process, called as its administrator."""

    def __init__(self, region: Region) -> None:
        administrator = region.settings.administrator
        host = f"{region.settings.host}:{region.settings.port}"
        self.principal = administrator.principal
        self._region = region
        self._signer = Signer(host, Scope(REGION, "kms"), administrator)

    async def measures(self) -> Mapping[tuple[str, int], Measure]:
        """Every measurement, by its name and number of statements."""
        found: dict[tuple[str, int], Measure] = {}
        for count in STATEMENTS:
            for name, conditions in zip(MEASURED[:2], (False, True), strict=True):
                request = await self._encryption(count, conditions=conditions)
                found[name, count] = partial(self._timed, request)
            text = policy(self.principal, count, conditions=True)
            found[MEASURED[2], count] = partial(_compiled, text)
            found[MEASURED[3], count] = partial(self._planned, text)
        return found

    async def _encryption(self, count: int, *, conditions: bool) -> WireRequest:
        text = policy(self.principal, count, conditions=conditions)
        given = {"Policy": text, "BypassPolicyLockoutSafetyCheck": True}
        key_id = (await self._call("CreateKey", given))["KeyMetadata"]["KeyId"]
        body = {
            "KeyId": key_id,
            "Plaintext": "eA==",
            "EncryptionContext": {"tenant": "mine"},
        }
        await self._call("Encrypt", body)
        return self._signer.signed("Encrypt", json.dumps(body).encode(), time.time())

    async def _call(self, name: str, members: Mapping[str, Any]) -> dict[str, Any]:
        request = self._signer.signed(name, json.dumps(members).encode(), time.time())
        response = await self._region.protocol.handle(request)
        if response.status != HTTPStatus.OK:
            raise BenchError(f"{name} is answered with {response.status}: {response.body!r}")
        return dict(json.loads(response.body))

    async def _timed(self, request: WireRequest) -> float:
        handle = self._region.protocol.handle
        started = time.perf_counter()
        for _ in range(REQUESTS):
            response = await handle(request)
            if response.status != HTTPStatus.OK:
                raise BenchError(f"Encrypt is answered with {response.status}")
        return (time.perf_counter() - started) / REQUESTS * 1e6

    async def _planned(self, text: str) -> float:
        caller = Principal(DEFAULT_ACCOUNT, self.principal, "AIDA", "IAMUser")
        hot = await self._region.view.key(DEFAULT_ACCOUNT, await self._some_key(text))
        if hot is None:
            raise BenchError("a key that was just made is not there")
        started = time.perf_counter()
        for _ in range(REPEATED):
            CompiledPolicies().for_key(caller, "kms:Encrypt", hot.key, ())
        return (time.perf_counter() - started) / REPEATED * 1e6

    async def _some_key(self, text: str) -> str:
        given = {"Policy": text, "BypassPolicyLockoutSafetyCheck": True}
        key_id: str = (await self._call("CreateKey", given))["KeyMetadata"]["KeyId"]
        return key_id


async def _compiled(text: str) -> float:
    started = time.perf_counter()
    for _ in range(REPEATED):
        key_policy(text)
    return (time.perf_counter() - started) / REPEATED * 1e6


async def measured(region: Region, rounds: int) -> dict[tuple[str, int], list[float]]:
    """What every measurement gave in each round."""
    measures = await Subject(region).measures()
    found: dict[tuple[str, int], list[float]] = {name: [] for name in measures}
    gc.freeze()  # as node/app.py does
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(await measure())
    return found


def table(found: Mapping[tuple[str, int], list[float]], rounds: int) -> Table:
    """Medians, and ratios to one statement."""
    shown = Table(title=f"µs, median of {rounds} rounds (ratio to one statement)", box=None)
    shown.add_column("")
    for count in STATEMENTS:
        shown.add_column(f"{count} statements", justify="right")
    for name in MEASURED:
        cells = []
        for count in STATEMENTS:
            pairs = zip(found[name, count], found[name, 1], strict=True)
            ratio = statistics.median(one / base for one, base in pairs)
            cells.append(f"{statistics.median(found[name, count]):,.1f}  ({ratio:.2f})")
        shown.add_row(name, *cells)
    return shown


def in_a_region(folder: Path, rounds: int) -> dict[tuple[str, int], list[float]]:
    """What every measurement gave in each round, in a new region in `folder`."""
    cluster = ClusterFolder(folder)
    create_cluster(cluster, free_addresses((REGION,)), DEFAULT_ACCOUNT, os.urandom)
    settings = read_node_settings(cluster.region(REGION).node_file, os.environ)
    settings = replace(settings, audit=replace(settings.audit, asynchronous=True))
    region = assemble(settings, real_world())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(open_region(region))
        try:
            return runner.run(measured(region, rounds))
        finally:
            runner.run(region.store.close())


def main(rounds: int = ROUNDS) -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        found = in_a_region(Path(folder) / "cluster", rounds)
    output().print(table(found, rounds))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

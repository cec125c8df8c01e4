"""The control plane: CreateKey, ReplicateKey until the replica can be used, aliases."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bench.client import Client
from bench.load.result import LoadResult, percentile
from bench.operations import body
from bench.sections.disk import sync_microseconds
from bench.sections.nodes import Node, cluster, node, once_true, replayed, succeeded, usable
from bench.sections.section import Measure, Quantity, Section, Stage, interleaved
from bench.servers import REGION

_REPLICA_REGION: Final = "eu-west-1"
_CONNECTIONS: Final = (1, 8)
_REPLICAS: Final = 20  # in each round
_ALIAS: Final = "alias/benchmark"
_HOW: Final = (
    "Two regions with default settings, so that each change is synced twice to the audit trail "
    "(before and after) and once to the key store. CreateKey makes multi-Region keys; UpdateAlias "
    "moves an alias to and fro between two keys. A replica is usable when the other region has "
    "encrypted with it; the time runs from ReplicateKey's first byte."
)


def _run(stage: Stage) -> Iterator[Quantity]:
    results: dict[str, list[LoadResult]] = {}
    replicas: list[list[float]] = []
    with cluster(stage.folder / "cluster", (REGION, _REPLICA_REGION)) as made:
        made.wait_until_caught_up()
        here, there = (node(made, stage.cores, name) for name in (REGION, _REPLICA_REGION))
        measures = {
            f"{name}, {count}": _load(stage, here, name, bodies, count, results)
            for name, bodies in _changes(here).items()
            for count in _CONNECTIONS
        }
        measures["ReplicateKey to usable replica"] = lambda: _replicated(here, there, replicas)
        measures["the disk's sync"] = lambda: sync_microseconds(stage.folder) / 1000
        found = interleaved(stage, measures)
    for name, each in results.items():
        plural = f"{name} connection" + ("" if name.endswith(" 1") else "s")
        yield Quantity(plural, "per s", tuple(one.requests / one.seconds for one in each))
        yield Quantity(f"{plural}, p50", "ms", tuple(one.p50 / 1000 for one in each))
        yield Quantity(f"{plural}, p99", "ms", tuple(one.p99 / 1000 for one in each))
    name = "ReplicateKey to usable replica"
    yield Quantity(f"{name}, p50", "ms", tuple(percentile(each, 0.5) for each in replicas))
    yield Quantity(f"{name}, p99", "ms", tuple(percentile(each, 0.99) for each in replicas))
    yield Quantity("the disk's sync", "ms", found["the disk's sync"])


def _changes(here: Node) -> Mapping[str, Sequence[bytes]]:
    """The bodies of each change, to be sent in turn for as long as one likes."""
    with here.client() as client:
        keys = [_created(client) for _ in range(2)]
        client("CreateAlias", body(AliasName=_ALIAS, TargetKeyId=keys[0]))
    moves = [body(AliasName=_ALIAS, TargetKeyId=key) for key in reversed(keys)]
    return {"CreateKey": [body(MultiRegion=True)], "UpdateAlias": moves}


def _load(
    stage: Stage,
    here: Node,
    name: str,
    bodies: Sequence[bytes],
    count: int,
    results: dict[str, list[LoadResult]],
) -> Measure:
    kept = results.setdefault(f"{name}, {count}", [])

    def measure() -> float:
        result = succeeded(name, replayed(stage, here.signer, name, bodies, count))
        kept.append(result)
        return result.requests / result.seconds

    return measure


def _replicated(here: Node, there: Node, kept: list[list[float]]) -> float:
    """Milliseconds, sorted; gives the median."""
    with here.client() as client, there.client() as other:
        kept.append(sorted(_one_replica(client, other) for _ in range(_REPLICAS)))
    return percentile(kept[-1], 0.5)


def _one_replica(client: Client, other: Client) -> float:
    key_id = _created(client)
    encryption = body(KeyId=key_id, Plaintext="eA==")
    started = time.perf_counter()
    client("ReplicateKey", body(KeyId=key_id, ReplicaRegion=_REPLICA_REGION))
    ready = once_true(lambda: usable(other, encryption), "a usable replica")
    return (ready - started) * 1000


def _created(client: Client) -> str:
    return str(client("CreateKey", body(MultiRegion=True))["KeyMetadata"]["KeyId"])


SECTION: Final = Section("control", "Control plane", _HOW, _run)

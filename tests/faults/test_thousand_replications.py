"""1,000 replications at once, from three regions in all directions."""

from __future__ import annotations

import json
import multiprocessing
import statistics
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from random import Random
from typing import Any

import pytest

from tests.faults import agreement
from tests.faults.load import Ledger, new_key
from tests.faults.propagation import Access, Times, Wanted, ask, watch
from tests.faults.store_file import store_file
from tests.harness.cluster import Cluster
from tests.harness.plugin import Tell

pytestmark = pytest.mark.processes

KEYS = 500  # each with a replica in both other regions
SAMPLE = 30
TIMEOUT_SECONDS = 120.0


@pytest.mark.timeout(400)
def test_a_thousand_replications_at_once_converge(
    prompt_cluster: Cluster, random: Random, tell: Tell
) -> None:
    cluster, ledger = prompt_cluster, Ledger()
    for number in range(KEYS):
        new_key(cluster, ledger, cluster.names[number % 3], [])
    wanted = {home: replications(cluster, ledger, home, random) for home in cluster.names}
    assert sum(map(len, wanted.values())) == 2 * KEYS == 1_000

    with ProcessPoolExecutor(6, multiprocessing.get_context("spawn")) as pool:
        watching = {region: begin_watch(pool, cluster, ledger, region) for region in cluster.names}
        asking = [pool.submit(ask, access(cluster, home), wanted[home]) for home in cluster.names]
        asked: list[Times] = [each.result(TIMEOUT_SECONDS) for each in asking]
        arrived = {region: each.result(TIMEOUT_SECONDS) for region, each in watching.items()}

    answered = {each: at for times in asked for each, at in times.answered.items()}
    for each in answered:
        ledger.asks(each.key_id, each.region)
        ledger.replicated(each.key_id, each.region)
    agreement.wait_until_level(cluster)
    cluster.wait_until_caught_up()
    check_status(cluster)
    agreement.check_keys(cluster, ledger, ledger.key_ids())
    agreement.check_lists(cluster, ledger)
    for key_id in random.sample(ledger.key_ids(), SAMPLE):
        agreement.check_cryptography(cluster, key_id, cluster.names)
    report(tell, min(times.began for times in asked), answered, arrived)


def replications(cluster: Cluster, ledger: Ledger, home: str, random: Random) -> list[Wanted]:
    """What the clients of one region ask for, in random order."""
    wanted = [
        Wanted(key_id, region)
        for key_id, primary in ledger.homes.items()
        for region in cluster.names
        if primary == home != region
    ]
    random.shuffle(wanted)
    return wanted


def begin_watch(
    pool: Executor, cluster: Cluster, ledger: Ledger, region: str
) -> Future[dict[str, float]]:
    """Watch the other regions' keys come to a region."""
    with store_file(cluster, region) as file:
        row = max(number for number, _ in file.keys_after(0))
    count = sum(home != region for home in ledger.homes.values())
    path = cluster.local.folder.region(region).store_file
    return pool.submit(watch, path, row, count, TIMEOUT_SECONDS)


def access(cluster: Cluster, region: str) -> Access:
    administrator = cluster.local.administrator
    return Access(
        region,
        cluster.endpoint(region),
        administrator.access_key_id,
        administrator.secret_access_key,
    )


def check_status(cluster: Cluster) -> None:
    """`keyspan status` shows that all of it arrived."""
    command = [sys.executable, "-m", "node.cli", "status", "--json", "--data"]
    output = subprocess.check_output([*command, str(cluster.local.folder.root)], timeout=60)
    told: Any = json.loads(output)
    assert told["attention"] == []
    for name, region in told["regions"].items():
        assert region["keys"] == {"Enabled": KEYS}, name
        assert region["log"]["published"] == region["log"]["last"], name
        for origin, peer in region["peers"].items():
            assert (peer["state"], peer["lag"]) == ("following", 0), (name, origin)
            assert peer["caught_up"], (name, origin)


def report(
    tell: Tell,
    began: float,
    answered: Mapping[Wanted, float],
    arrived: Mapping[str, Mapping[str, float]],
) -> None:
    """Rates, and how long a replica took from the primary's 200 to being Enabled."""
    delays = [max(arrived[each.region][each.key_id] - at, 0.0) for each, at in answered.items()]
    assert len(delays) == 2 * KEYS
    percentiles = statistics.quantiles(delays, n=100)
    asked_seconds = max(answered.values()) - began
    seconds = max(at for times in arrived.values() for at in times.values()) - began
    tell(f"{len(delays):,} replications, answered within {asked_seconds:.1f} s")
    tell(f"all Enabled after {seconds:.1f} s: {len(delays) / seconds:.0f} replications a second")
    p50, p99 = percentiles[49] * 1000, percentiles[98] * 1000
    tell(f"from the primary's 200 to Enabled elsewhere: p50 {p50:.0f} ms, p99 {p99:.0f} ms")

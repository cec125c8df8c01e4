"""Every fault there is, one after another, while clients use every region and keep all they got.

Nothing may ever come out wrong. A region may refuse calls while it is hit itself; no region ever
does for what hits another, or a stream server.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest

from node.cluster import ClusterFolder, Options, free_addresses, running
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster
from node.drill import Load, Sample, check_everywhere, summarised
from node.drill.scenario import LoadPlan
from tests.faults import agreement
from tests.faults.fault_report import Cost, table, write
from tests.faults.places_that_fail import SmallDisk, small_disk
from tests.faults.troubles import TROUBLES, Stage
from tests.harness.cluster import Cluster, eventually
from tests.harness.plugin import REGIONS, Tell

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]

HIT = REGIONS[1]
CALLS = 40
"""Answered calls in each region that must not refuse: so long does a fault last, and its end."""
RATE = 20.0
SMALL_DISK_MEGABYTES = 64
CONVERGENCE_SECONDS = 60.0
NO_ANSWER_SECONDS = 30.0
"""When a call counts as refused: long, as a busy machine is slow, and slow is not refused."""

Setting = tuple[Cluster, SmallDisk | None]


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    """Three regions with links that can be cut, one of them on a small disk if there can be one."""
    folder = ClusterFolder(tmp_path / "data")
    addresses = free_addresses(REGIONS)
    create_cluster(folder, addresses, DEFAULT_ACCOUNT, os.urandom)
    if SmallDisk.missing() is not None:
        with running(folder, addresses, os.urandom, Options(links=True)) as local:
            yield Cluster(local), None
        return
    with (
        small_disk(folder.region(HIT).root, SMALL_DISK_MEGABYTES) as disk,
        running(folder, addresses, os.urandom, Options(links=True)) as local,
    ):
        yield Cluster(local), disk


def test_faults_of_every_kind_under_load(
    setting: Setting, random: Random, tell: Tell, tmp_path: Path
) -> None:
    cluster, disk = setting
    home = cluster.names[0]
    keys = [cluster.replicated_key(each, _without(cluster, each)) for each in cluster.names]
    endpoints = {name: cluster.endpoint(name) for name in cluster.names}
    costs: list[Cost] = []
    administrator = cluster.local.administrator
    with Load(
        endpoints, administrator, keys, random, plan=LoadPlan(RATE, NO_ANSWER_SECONDS)
    ) as load:
        for name, trouble in TROUBLES.items():
            reason = trouble.missing()
            if reason is not None:
                tell(f"not tried: {name}, as {reason}")
                continue
            folder = tmp_path / name.replace(" ", "-")
            folder.mkdir()
            change = partial(_change, cluster, home, keys[0])
            stage = Stage(cluster, HIT, disk, folder, change)
            first = len(load.samples.since(0))
            steady = cluster.names if not trouble.refusing else stage.others
            with trouble.strike(stage):
                change()
                _wait_for_calls(load, steady)
            converged = _until_level(cluster)
            _wait_for_calls(load, cluster.names)
            samples = load.samples.since(first)
            _check_refusals(name, samples, allowed={HIT} if trouble.refusing else set())
            costs.append(_cost(name, samples, converged))
    whole = _cost("all of it", load.samples.since(0), None)
    tell(table([*costs, whole]))
    write([*costs, whole])
    assert whole.wrong == 0
    check = check_everywhere(load.ledger.entries(), endpoints, administrator)
    tell(f"{check.ciphertexts:,} ciphertexts, opened {check.opened:,} times")
    assert check.clean, check
    assert check.opened == check.ciphertexts * len(cluster.names) > 0
    _check_agreement(cluster, keys)


def _without(cluster: Cluster, region: str) -> list[str]:
    return [each for each in cluster.names if each != region]


def _change(cluster: Cluster, home: str, key_id: str) -> None:
    """A change of shared state in a region that is not hit."""
    cluster.kms(home).enable_key_rotation(
        KeyId=key_id, RotationPeriodInDays=90 + time.monotonic_ns() % 2000
    )


def _wait_for_calls(load: Load, regions: tuple[str, ...]) -> None:
    """Return when each of these regions has answered some more calls that begin from now on."""
    begun = load.now()

    def answered() -> bool:
        samples = [each for each in load.samples.since(0) if each.at >= begun and each.answered]
        return all(sum(each.region == name for each in samples) >= CALLS for name in regions)

    eventually(answered, f"not all of {regions} answer", CONVERGENCE_SECONDS)


def _until_level(cluster: Cluster) -> float:
    """Seconds until all regions have applied all of each other's logs."""
    begun = time.monotonic()
    agreement.wait_until_level(cluster, CONVERGENCE_SECONDS)
    return time.monotonic() - begun


def _check_refusals(name: str, samples: list[Sample], allowed: set[str]) -> None:
    refused = [each for each in samples if each.error and each.region not in allowed]
    assert not refused, f"{name}: {refused[:5]}"


def _cost(name: str, samples: list[Sample], converged: float | None) -> Cost:
    summary = summarised(samples)
    return Cost(
        name,
        summary.tried,
        summary.refused,
        summary.wrong,
        summary.longest_refusal,
        converged,
    )


def _check_agreement(cluster: Cluster, keys: list[str]) -> None:
    """Every region says the same of every key: who leads it, and its material."""
    for key_id in keys:
        eventually(partial(_agreed, cluster, key_id), f"regions differ on {key_id}")


def _agreed(cluster: Cluster, key_id: str) -> bool:
    found = set()
    for region in cluster.names:
        kms = cluster.kms(region)
        metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        rotation = kms.get_key_rotation_status(KeyId=key_id)
        primary = metadata["MultiRegionConfiguration"]["PrimaryKey"]["Region"]
        period = rotation.get("RotationPeriodInDays")
        found.add((primary, metadata["CurrentKeyMaterialId"], period))
    return len(found) == 1

"""Fixtures of the fault tests: a seed that is told, and clusters whose calls wait for nobody."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from random import Random

import pytest

from node.cluster import ClusterFolder, free_addresses, running
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster
from tests.harness.cluster import Cluster
from tests.harness.plugin import REGIONS, Tell

AT_ONCE = "\n[replication]\nreplicate_wait_seconds = 0.0\n"
"""ReplicateKey answers when the change is committed, and does not wait for the other region."""


@pytest.fixture(scope="session")
def seed(tell: Tell) -> int:
    """A seed of its own for each run; KEYSPAN_SEED=NUMBER repeats one."""
    number = int(os.environ.get("KEYSPAN_SEED") or secrets.randbelow(2**32))
    tell(f"KEYSPAN_SEED={number}")
    return number


@pytest.fixture
def random(seed: int, request: pytest.FixtureRequest) -> Random:
    """The test's own randomness, which the seed decides."""
    return Random(f"{seed} {request.node.nodeid}")


@pytest.fixture(scope="module")
def prompt_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three regions in which ReplicateKey answers as soon as it has committed."""
    folder = ClusterFolder(tmp_path_factory.mktemp("prompt") / "data")
    addresses = free_addresses(REGIONS)
    create_cluster(folder, addresses, DEFAULT_ACCOUNT, os.urandom)
    for region in REGIONS:
        with folder.region(region).node_file.open("a", encoding="utf-8") as file:
            file.write(AT_ONCE)
    with running(folder, addresses, os.urandom) as local:
        cluster = Cluster(local)
        cluster.wait_until_caught_up()
        yield cluster

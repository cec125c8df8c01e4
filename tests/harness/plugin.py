"""Fixtures for tests against real clusters; `tests/conftest.py` registers them.

    cluster         three regions, shared by the tests of a module: leave it whole (`mend`)
    fresh_cluster   three regions of a test's own: break it as you like
    clusters        makes a cluster of any regions, for as long as a `with` block runs
    tell            prints a line that is seen also when the test passes

Every process belongs to the test process and dies with it, also when that is killed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest

from node.cluster import ClusterFolder, free_addresses, running
from tests.harness.cluster import Cluster

__all__ = ["REGIONS", "ClusterMaker", "Tell"]

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")

ClusterMaker = Callable[[Sequence[str]], AbstractContextManager[Cluster]]
Tell = Callable[[str], None]


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses a cluster, so that none runs among the quick ones."""
    for item in items:
        if "clusters" in getattr(item, "fixturenames", ()):
            item.add_marker("processes")


@pytest.fixture(scope="session")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> ClusterMaker:
    """Starts clusters on free ports in folders of their own, ready when the block is entered."""

    @contextmanager
    def make(regions: Sequence[str] = REGIONS) -> Iterator[Cluster]:
        folder = ClusterFolder(tmp_path_factory.mktemp("cluster") / "data")
        with running(folder, free_addresses(regions), os.urandom) as local:
            cluster = Cluster(local)
            cluster.wait_until_caught_up()
            yield cluster

    return make


@pytest.fixture(scope="module")
def cluster(clusters: ClusterMaker) -> Iterator[Cluster]:
    """Three regions, shared by the tests of one module."""
    with clusters(REGIONS) as made:
        yield made


@pytest.fixture
def fresh_cluster(clusters: ClusterMaker) -> Iterator[Cluster]:
    """Three regions for one test alone."""
    with clusters(REGIONS) as made:
        yield made


@pytest.fixture(scope="session")
def tell(request: pytest.FixtureRequest) -> Tell:
    """Prints a line that is seen also when the test passes."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def print_line(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n    {text}", end="", flush=True)  # noqa: T201

    return print_line

"""Processes that stand still: alive, connected, and answering nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from node.cluster import Service
from tests.faults.streams import Stream
from tests.harness.cluster import Cluster


@contextmanager
def frozen(service: Service) -> Iterator[None]:
    """The process stands still (SIGSTOP) while the block runs, if it lives that long."""
    service.pause()
    try:
        yield
    finally:
        service.resume()


@contextmanager
def frozen_nodes(cluster: Cluster, regions: Sequence[str]) -> Iterator[None]:
    """These regions' nodes stand still, and what is published meanwhile has not reached them."""
    with ExitStack() as stack:
        for region in regions:
            stack.enter_context(frozen(cluster.local.regions[region].node))
        for origin in cluster.names:
            if origin not in regions and cluster.local.regions[origin].stream.running:
                Stream(cluster, origin).drop_readers()
        yield

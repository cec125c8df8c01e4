"""A freshly made cluster folder, whose files the tests damage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from node.cluster import ClusterFolder, addresses_from
from node.cluster.create import create_cluster

REGIONS = ("us-east-1", "eu-west-1")


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    made = ClusterFolder(tmp_path / "cluster")
    create_cluster(made, addresses_from(REGIONS, 4601), "111122223333", os.urandom)
    return made

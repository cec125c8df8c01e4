"""One cluster for all container tests; each test leaves it whole, or it is made whole after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.docker import docker, missing
from tests.containers.stack import REPOSITORY, Project, Stack

HERE = Path(__file__).parent
IMAGE = "keyspan:local"
LONGEST_SECONDS = 900
"""For the first test, which also builds the image and starts everything."""


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, so that none runs among the quick ones."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("containers")
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """compose.yaml, up and caught up. Skips where Docker is not to be had."""
    if problem := missing():
        pytest.skip(f"containers cannot be run here: {problem}")
    docker("build", f"--file={REPOSITORY / 'deploy/Dockerfile'}", f"--tag={IMAGE}", str(REPOSITORY))
    project = Project(tmp_path_factory.mktemp("containers"))
    project.down("--volumes")  # what a run that was killed may have left
    try:
        project.setup()
        project.up()
        running = Stack(project)
        running.wait_until_caught_up()
        yield running
    finally:
        project.down("--volumes")

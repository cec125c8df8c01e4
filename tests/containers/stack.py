"""The cluster of compose.yaml as a test sees it: clients, status, and ways to break and mend it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import boto3
import botocore.config

from node.cluster import ClusterFolder
from node.cluster.client import AdministrationClient
from node.model.status import RegionStatus
from node.settings import read_cluster_settings
from node.settings.administrator import read_administrator
from tests.containers.docker import compose, docker
from tests.harness.cluster import eventually

REPOSITORY = Path(__file__).parents[2]
PROJECT = "keyspan-test"
BACKBONE = f"{PROJECT}_backbone"
PATIENCE_SECONDS = 120.0
_ONE_TRY = botocore.config.Config(
    connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1}, proxies={}
)


class Project:
    """compose.yaml as a project of the tests' own, with its files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._options = (
            f"--project-directory={folder}",
            f"--file={REPOSITORY / 'compose.yaml'}",
            f"--project-name={PROJECT}",
        )
        self.files = ClusterFolder(folder / "deploy" / "cluster")
        (folder / "deploy").mkdir()
        for script in (REPOSITORY / "deploy").glob("*.py"):
            shutil.copy(script, folder / "deploy")

    def setup(self) -> None:
        """Make the cluster's files, as the README tells."""
        self.run("run", "--rm", "setup")

    def up(self) -> None:
        """Start everything and return when it is healthy."""
        self.run("up", "--wait", "--wait-timeout", str(int(PATIENCE_SECONDS)))

    def down(self, *options: str) -> None:
        """End everything; the volumes stay, unless `--volumes` is given."""
        self.run("down", "--remove-orphans", "--timeout=5", *options)

    def run(self, *arguments: str) -> str:
        """Any other command of compose."""
        return compose(*self._options, *arguments)


class Stack:
    """The cluster while it runs. Parts are called by their service names in compose.yaml."""

    def __init__(self, project: Project) -> None:
        self.project = project
        settings = read_cluster_settings(project.files.cluster_file)
        self.names = tuple(settings.regions)
        self._endpoints = {name: each.endpoint for name, each in settings.regions.items()}
        self._administrator = read_administrator(project.files.credentials_file)
        self._client = AdministrationClient(self._administrator)
        self.kms = cache(self._kms)

    # What is there

    def status(self, region: str) -> RegionStatus:
        """What the region says about itself; fails the test when it does not answer."""
        answer = self._client.ask(region, self._endpoints[region])
        assert isinstance(answer, RegionStatus), answer
        return answer

    def services(self) -> Iterator[str]:
        """The service of every container: of each region a node and a Valkey server."""
        for region in self.names:
            yield from parts(region)

    def inspect(self, service: str) -> Any:
        """All that Docker knows of a container."""
        return json.loads(docker("inspect", container(service)))[0]

    def execute(self, service: str, *command: str) -> str:
        """Run a command in a container and give what it printed."""
        return docker("exec", container(service), *command)

    # Breaking and mending it

    def kill(self, *services: str) -> None:
        """SIGKILL."""
        self.project.run("kill", *services)

    def start(self, *services: str) -> None:
        """Start what was killed, and return when it is healthy."""
        self.project.run("start", *services)
        for service in services:
            awaited = f"{service} is not healthy"
            eventually(partial(self._healthy, service), awaited, PATIENCE_SECONDS)

    def pause(self, service: str) -> None:
        """Freeze a container: it takes connections, and never answers."""
        docker("pause", container(service))

    def resume(self, service: str) -> None:
        """Let a frozen container go on."""
        docker("unpause", container(service))

    def cut_off(self, region: str) -> None:
        """Take a region off the backbone: node and Valkey reach each other, and nobody else."""
        for service in parts(region):
            docker("network", "disconnect", BACKBONE, container(service))

    def rejoin(self, region: str) -> None:
        """Put a region back on the backbone, under the names that it had there."""
        for service in parts(region):
            docker("network", "connect", f"--alias={service}", BACKBONE, container(service))

    # Waiting

    def wait_until_caught_up(self) -> None:
        """Return when every region has published its log and read every peer's to the end."""
        eventually(self._caught_up, "not every region has caught up", PATIENCE_SECONDS)

    def wait_until_enabled(self, key_id: str, regions: Sequence[str]) -> None:
        """Return when the key is there, and Enabled, in all these regions."""
        for region in regions:
            awaited = f"{key_id} is not enabled in {region}"
            eventually(partial(self._enabled, region, key_id), awaited, PATIENCE_SECONDS)

    def replicated_key(self, home: str, replicas: Sequence[str]) -> str:
        """Make a multi-Region key with these replicas, wait for them, and give its key ID."""
        key_id = self.new_key(home, replicas)
        self.wait_until_enabled(key_id, replicas)
        return key_id

    def new_key(self, home: str, replicas: Sequence[str]) -> str:
        """Make a multi-Region key, ask for these replicas, and give its key ID at once."""
        key_id = str(self.kms(home).create_key(MultiRegion=True)["KeyMetadata"]["KeyId"])
        for region in replicas:
            self.kms(home).replicate_key(KeyId=key_id, ReplicaRegion=region)
        return key_id

    def _caught_up(self) -> bool:
        return all(self.status(region).caught_up for region in self.names)

    def _healthy(self, service: str) -> bool:
        return bool(self.inspect(service)["State"]["Health"]["Status"] == "healthy")

    def _enabled(self, region: str, key_id: str) -> bool:
        kms = self.kms(region)
        try:
            return bool(kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled")
        except kms.exceptions.NotFoundException:
            return False

    def _kms(self, region: str) -> Any:
        """An unmodified boto3 client, by the published port; one try per call."""
        return boto3.client(
            "kms",
            region,
            endpoint_url=self._endpoints[region],
            aws_access_key_id=self._administrator.access_key_id,
            aws_secret_access_key=self._administrator.secret_access_key,
            config=_ONE_TRY,
        )


def parts(region: str) -> tuple[str, str]:
    """A region's two services."""
    return f"node-{region}", f"valkey-{region}"


def container(service: str) -> str:
    """The container of a service, as compose names it."""
    return f"{PROJECT}-{service}-1"

"""A running cluster as a test sees it: clients, status, streams, and ways to break it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, TypeVar

import redis
from botocore.exceptions import ClientError

from node.cli.demo.clients import kms_client
from node.cluster import ClusterError, LocalCluster, LocalRegion
from node.cluster import eventually as wait
from node.cluster.status import Unreachable
from node.model.status import RegionStatus

__all__ = ["PATIENCE_SECONDS", "Cluster", "error_code", "eventually"]

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 30.0
"""How long a condition may take before a test fails: far more than it should, for busy machines."""


def eventually(
    condition: Callable[[], Answer], awaited: str, timeout_seconds: float = PATIENCE_SECONDS
) -> Answer:
    """The condition's first true answer. Fails the test, naming what was `awaited`, otherwise.

    An assertion that the condition makes counts as "not yet"; the last one is shown in the end.
    """
    failures: list[AssertionError] = []

    def attempt() -> Answer | None:
        try:
            return condition()
        except AssertionError as failure:
            failures.append(failure)
            return None

    try:
        answer = wait(attempt, timeout_seconds, awaited)
    except ClusterError as error:
        raise AssertionError(str(error)) from (failures[-1] if failures else None)
    assert answer is not None
    return answer


def error_code(call: Callable[[], object]) -> str:
    """The error code that a call of a boto3 client is refused with."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    raise AssertionError("the call was answered, and not refused")


class Cluster:
    """A cluster that runs for as long as its fixture lives."""

    def __init__(self, local: LocalCluster) -> None:
        self.local = local
        self.names: tuple[str, ...] = tuple(local.regions)
        self._client = cache(lambda region: kms_client(self._region(region), local.administrator))

    # What is there

    @property
    def account(self) -> str:
        return self.local.administrator.account

    def kms(self, region: str) -> Any:
        """The boto3 client of a region, signed in as the administrator; one try per call."""
        return self._client(region)

    def endpoint(self, region: str) -> str:
        """The URL of a region's node."""
        return self._region(region).address.endpoint

    def stream(self, region: str) -> redis.Redis:
        """A new client of a region's Redis-compatible server, for a test that looks or tampers."""
        return redis.Redis.from_url(self._region(region).address.stream)

    def status(self, region: str) -> RegionStatus:
        """What the region says about itself; fails the test when it does not answer."""
        answer = self.ask(region)
        assert isinstance(answer, RegionStatus), answer
        return answer

    def ask(self, region: str) -> RegionStatus | Unreachable:
        """What the region says about itself, or why it says nothing."""
        return self.local.client.ask(region, self.endpoint(region))

    def log(self, region: str) -> str:
        """Everything that the region's node has logged so far."""
        return self._region(region).node.log.read_text(encoding="utf-8")

    # Breaking and mending it

    def kill_node(self, region: str) -> None:
        """SIGKILL the region's node."""
        self._region(region).node.kill()

    def kill_stream(self, region: str) -> None:
        """SIGKILL the region's Valkey server."""
        self._region(region).stream.kill()

    def kill(self, region: str) -> None:
        """SIGKILL both processes of the region."""
        self.kill_node(region)
        self.kill_stream(region)

    def start_node(self, region: str) -> None:
        """Start the region's node and return when it answers."""
        self._start(region, stream=False)

    def start_stream(self, region: str) -> None:
        """Start the region's Valkey server and return when it answers."""
        self._start(region, stream=True)

    def start(self, region: str) -> None:
        """Start whatever of the region does not run, and return when it answers."""
        self.start_stream(region)
        self.start_node(region)

    def mend(self) -> None:
        """Start whatever does not run, anywhere, and return when all regions have caught up."""
        self.local.start()
        self.wait_until_caught_up()

    # Waiting

    def wait_until_caught_up(self) -> None:
        """Return when every region has published its log and read every peer's to the end."""
        eventually(self.local.caught_up, "not every region has caught up")

    def wait_until_enabled(self, key_id: str, regions: Sequence[str]) -> None:
        """Return when the key is there, and Enabled, in all these regions."""
        for region in regions:
            awaited = f"{key_id} is not enabled in {region}"
            eventually(partial(self._enabled, region, key_id), awaited)

    def replicated_key(self, home: str, replicas: Sequence[str]) -> str:
        """Make a multi-Region key with these replicas, wait for them, and give its key ID."""
        metadata = self.kms(home).create_key(MultiRegion=True)["KeyMetadata"]
        key_id = str(metadata["KeyId"])
        for region in replicas:
            self.kms(home).replicate_key(KeyId=key_id, ReplicaRegion=region)
        self.wait_until_enabled(key_id, replicas)
        return key_id

    def _start(self, region: str, *, stream: bool) -> None:
        local = self._region(region)
        service = local.stream if stream else local.node
        service.start()
        service.wait_until_answering(PATIENCE_SECONDS)
        self.local.write_note()

    def _region(self, name: str) -> LocalRegion:
        return self.local.regions[name]

    def key_state(self, region: str, key_id: str) -> str | None:
        """The key's KeyState in a region; None while it is not there."""
        try:
            metadata = self.kms(region).describe_key(KeyId=key_id)["KeyMetadata"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NotFoundException":
                return None
            raise
        return str(metadata["KeyState"])

    def _enabled(self, region: str, key_id: str) -> bool:
        return self.key_state(region, key_id) == "Enabled"

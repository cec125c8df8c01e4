"""A node killed while it writes: every answered call has its record, and the trail is whole."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from node.audit.folder import trail_files, trail_lines
from node.audit.verification import Verdict, verify_trail
from node.settings import read_node_settings
from tests.harness.cluster import Cluster, eventually
from tests.harness.plugin import ClusterMaker

pytestmark = pytest.mark.processes
REGION = "us-east-1"
ROUNDS = 3
CALLERS = 4
ANSWERED_LEAST = 40


def audit_lines(cluster: Cluster) -> list[tuple[str, bytes]]:
    return list(trail_lines(trail_files(cluster.local.folder.region(REGION).root / "audit")))


def verdict(cluster: Cluster) -> Verdict:
    settings = read_node_settings(cluster.local.folder.region(REGION).node_file)
    return verify_trail(audit_lines(cluster), settings.identity.public)


def records(cluster: Cluster) -> list[dict[str, Any]]:
    documents = (json.loads(line) for _, line in audit_lines(cluster))
    return [each["record"] for each in documents if "record" in each]


class Callers:
    """Threads that call without a pause until the node dies; `answered` are the request IDs."""

    def __init__(self, cluster: Cluster, key: str) -> None:
        self.answered: list[str] = []
        kms = cluster.kms(REGION)

        def encrypt() -> None:
            while True:
                try:
                    answer = kms.encrypt(KeyId=key, Plaintext=b"x")
                except (BotoCoreError, ClientError):
                    return
                self.answered.append(answer["ResponseMetadata"]["RequestId"])

        self.threads = [threading.Thread(target=encrypt) for _ in range(CALLERS)]
        for thread in self.threads:
            thread.start()

    def wait(self) -> None:
        """Return when enough calls were answered."""
        eventually(lambda: len(self.answered) >= ANSWERED_LEAST, "no call is answered")

    def join(self) -> None:
        for thread in self.threads:
            thread.join()


def test_what_was_answered_is_recorded_whenever_the_node_is_killed(
    clusters: ClusterMaker,
) -> None:
    with clusters([REGION]) as cluster:
        key = cluster.kms(REGION).create_key()["KeyMetadata"]["KeyId"]
        answered: list[str] = []
        for _ in range(ROUNDS):
            callers = Callers(cluster, key)
            callers.wait()
            cluster.kill_node(REGION)
            callers.join()
            answered += callers.answered
            cluster.start_node(REGION)
        found = verdict(cluster)
        assert found.whole, found.finding
        recorded = [each["requestID"] for each in records(cluster) if "requestID" in each]
        assert len(recorded) == len(set(recorded)), "a call has two records"
        assert set(answered) <= set(recorded)
        usage = cluster.kms(REGION).get_key_last_usage(KeyId=key)["KeyLastUsage"]
        assert usage["Operation"] == "Encrypt"
        last = [each for each in records(cluster) if each["eventName"] == "Encrypt"][-1]
        assert usage["CloudTrailEventId"] == last["eventID"]


def test_a_torn_line_is_repaired_when_the_node_starts_again(clusters: ClusterMaker) -> None:
    with clusters([REGION]) as cluster:
        cluster.kms(REGION).create_key()
        cluster.kill_node(REGION)
        path = trail_files(cluster.local.folder.region(REGION).root / "audit")[-1]
        with path.open("ab") as file:
            file.write(b'{"hash":"0123')
        assert verdict(cluster).torn_bytes == len(b'{"hash":"0123')
        cluster.start_node(REGION)
        found = verdict(cluster)
        assert found.whole, found.finding
        assert found.torn_bytes == 0
        assert any(b'"repaired":' in line for _, line in audit_lines(cluster))
        assert "torn last line" in cluster.log(REGION)

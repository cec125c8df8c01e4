"""Two worker processes of one region: one port, one truth, and what happens when one is killed."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any

import boto3
import pytest

from node.cli import main
from node.cluster import ClusterFolder, free_addresses, running
from node.cluster.local import Options
from tests.harness.cluster import Cluster, eventually
from tests.harness.lines import Line, lines, recorded_by, worker_pid

pytestmark = pytest.mark.processes

HOME, PEER = "us-east-1", "eu-west-1"
ROUNDS = 25
PLAINTEXT = base64.b64encode(b"plaintext").decode()
DAY = 86_400.0


@contextmanager
def two_workers(folder: Path, **options: Any) -> Iterator[Cluster]:
    """Two regions of two workers each."""
    place = ClusterFolder(folder / "data")
    addresses = free_addresses((HOME, PEER))
    with running(place, addresses, os.urandom, Options(workers=2, **options)) as local:
        cluster = Cluster(local)
        cluster.wait_until_caught_up()
        yield cluster


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with two_workers(tmp_path_factory.mktemp("team"), movable_clock=True) as cluster:
        yield cluster


def new_key(line: Line, **request: Any) -> str:
    made = line.kms("CreateKey", **request)
    assert made.status == HTTPStatus.OK, made
    return str(made.body["KeyMetadata"]["KeyId"])


def replicated_home(team: Cluster, line: Line) -> str:
    """A key that was made by the other region, and is held by HOME too."""
    key = new_key(line, MultiRegion=True)
    line.kms("ReplicateKey", KeyId=key, ReplicaRegion=HOME)
    team.wait_until_enabled(key, (HOME,))
    return key


def verified(cluster: Cluster) -> bool:
    return main(["audit", "verify", "--data", str(cluster.local.folder.root)]) == 0


def gone(pid: int) -> bool:
    """Whether there is no such process, or only its exit status is left of it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_what_one_worker_has_acknowledged_the_other_sees_at_once(team: Cluster) -> None:
    with lines(team, HOME) as by:
        for number in range(ROUNDS):
            one, other = (by[1], by[2]) if number % 2 else (by[2], by[1])
            key = new_key(one)
            made = other.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT)
            assert made.status == HTTPStatus.OK, made
            alias = f"alias/round-{number}"
            one.kms("CreateAlias", AliasName=alias, TargetKeyId=key)
            blob = other.kms("Encrypt", KeyId=alias, Plaintext=PLAINTEXT).body["CiphertextBlob"]
            one.kms("DisableKey", KeyId=key)
            for line in (one, other):
                assert line.kms("Decrypt", CiphertextBlob=blob).code == "DisabledException"
            other.kms("EnableKey", KeyId=key)
            for line in (one, other):
                assert line.kms("Decrypt", CiphertextBlob=blob).body["Plaintext"] == PLAINTEXT
            one.kms("DeleteAlias", AliasName=alias)
            refused = other.kms("Encrypt", KeyId=alias, Plaintext=PLAINTEXT)
            assert refused.code == "NotFoundException"


def test_each_worker_answers_what_came_to_it_and_records_it_in_its_own_trail(team: Cluster) -> None:
    with lines(team, HOME) as by:
        key = new_key(by[2])
        for number, line in by.items():
            said = line.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT)
            assert recorded_by(team, HOME, said.request_id) == number
        changed = by[2].kms("DisableKey", KeyId=key)
        assert recorded_by(team, HOME, changed.request_id) == 1  # the leader changed it


def test_a_change_that_comes_from_another_region_is_seen_by_both(team: Cluster) -> None:
    with lines(team, HOME) as by, lines(team, PEER) as there:
        key = replicated_home(team, there[2])
        for one in there.values():
            blob = one.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT).body["CiphertextBlob"]
            for line in by.values():
                assert line.kms("Decrypt", CiphertextBlob=blob).body["Plaintext"] == PLAINTEXT


def test_a_ciphertext_whose_material_has_not_arrived_is_waited_for_by_either(team: Cluster) -> None:
    with lines(team, HOME) as by, lines(team, PEER) as there:
        key = replicated_home(team, there[1])
        for line in by.values():
            made_up = bytearray(
                base64.b64decode(
                    line.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT).body["CiphertextBlob"]
                )
            )
            made_up[-1] ^= 1
            refused = line.kms("Decrypt", CiphertextBlob=base64.b64encode(bytes(made_up)).decode())
            assert refused.code == "InvalidCiphertextException"


def test_the_first_use_of_an_aws_managed_key_makes_it_whoever_is_asked(team: Cluster) -> None:
    with lines(team, HOME) as by:
        for number, alias in ((2, "alias/aws/s3"), (1, "alias/aws/ebs")):
            made = by[number].kms("Encrypt", KeyId=alias, Plaintext=PLAINTEXT)
            assert made.status == HTTPStatus.OK, made
            again = by[3 - number].kms("DescribeKey", KeyId=alias)
            assert again.body["KeyMetadata"]["Arn"] == made.body["KeyId"]


def test_a_session_is_one_with_every_worker_and_ends_with_every_worker(team: Cluster) -> None:
    given = _sts(team).get_session_token()["Credentials"]
    with lines(team, HOME) as by:
        administrator = Line(team, HOME)
        key = new_key(administrator)
        for line in by.values():
            line.sign_in(given)
            made = line.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT)
            assert made.status == HTTPStatus.OK, made
        assert administrator.call("Keyspan.EndSessions", {}).status == HTTPStatus.OK
        for line in by.values():
            refused = line.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT)
            assert refused.code == "UnrecognizedClientException"


def _sts(cluster: Cluster) -> Any:
    one = cluster.local.administrator
    return boto3.client(
        "sts",
        HOME,
        endpoint_url=cluster.endpoint(HOME),
        aws_access_key_id=one.access_key_id,
        aws_secret_access_key=one.secret_access_key,
    )


def test_a_grant_is_one_with_every_worker_and_is_revoked_with_every_worker(team: Cluster) -> None:
    """Also one that is asked for by a token, at once."""
    with lines(team, HOME) as by:
        key = new_key(by[2])
        grantee = f"arn:aws:iam::{team.account}:root"
        for number in (1, 2):
            made = by[number].kms(
                "CreateGrant", KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"]
            )
            other = by[3 - number]
            token = made.body["GrantToken"]
            used = other.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT, GrantTokens=[token])
            assert used.status == HTTPStatus.OK, used
            other.kms("RevokeGrant", KeyId=key, GrantId=made.body["GrantId"])
            for line in by.values():
                listed = line.kms("ListGrants", KeyId=key).body["Grants"]
                assert made.body["GrantId"] not in [each["GrantId"] for each in listed]


def test_usage_and_events_are_those_of_all_workers(team: Cluster) -> None:
    with lines(team, HOME) as by:
        key = new_key(by[1])
        asked = {
            by[number].kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT).request_id
            for number in (1, 2, 2)
        }
        last = by[2].kms("Decrypt", CiphertextBlob=_ciphertext(by[2], key)).request_id
        for line in by.values():
            used = line.kms("GetKeyLastUsage", KeyId=key).body["KeyLastUsage"]
            assert used["KmsRequestId"] == last
        totals = by[2].call("Keyspan.GetUsage", {}).body["counts"]
        mine = {each["operation"]: each["served"] for each in totals if each["key"].endswith(key)}
        assert mine == {"CreateKey": 1, "Encrypt": 4, "Decrypt": 1, "GetKeyLastUsage": 2}
        assert asked | {last} <= _events(by[2], key)


def _ciphertext(line: Line, key: str) -> str:
    return str(line.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT).body["CiphertextBlob"])


def _events(line: Line, key: str) -> set[str]:
    """The request IDs of every event of a key, in pages of two."""
    found: list[str] = []
    target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    request: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": key}],
        "MaxResults": 2,
    }
    while True:
        page = line.call(target, request, "cloudtrail").body
        for each in page["Events"]:
            found.append(each["CloudTrailEvent"].partition('"requestID":"')[2][:36])
        if not page.get("NextToken"):
            assert len(found) == len(set(found)), "an event came twice"
            return set(found)
        request["NextToken"] = page["NextToken"]


def test_a_clock_that_is_moved_is_moved_for_every_worker(team: Cluster) -> None:
    with lines(team, HOME) as by:
        by[2].call("Keyspan.AdvanceClock", {"seconds": 40 * DAY})
        expected = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 40 * DAY - 60))
        for number, line in by.items():
            said = line.kms("GenerateRandom", NumberOfBytes=1)
            folder = team.local.folder.region(HOME).root / "audit"
            place = folder if number == 1 else folder / f"worker-{number}"
            text = "".join(path.read_text(encoding="utf-8") for path in place.glob("audit-*"))
            record = next(each for each in text.splitlines() if said.request_id in each)
            assert record.partition('"eventTime":"')[2][:10] >= expected


def test_status_tells_of_both(team: Cluster) -> None:
    workers = team.status(HOME).workers
    assert [each.number for each in workers] == [2]
    assert not gone(worker_pid(team, HOME))
    audit = workers[0].audit
    assert audit is not None
    assert audit.problem is None


def test_a_node_that_stands_still_does_so_with_its_workers(team: Cluster) -> None:
    node = team.local.regions[PEER].node
    pid = worker_pid(team, PEER)
    node.pause()
    try:
        eventually(lambda: _state(pid) == "T", "the worker goes on")
    finally:
        node.resume()
    team.wait_until_caught_up()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


def test_one_request_quota_holds_for_all_workers_together(tmp_path: Path) -> None:
    quotas = {HOME: {"ECC": 0.001}}  # one request in a quarter of an hour
    with two_workers(tmp_path, quotas=quotas) as cluster, lines(cluster, HOME) as by:
        key = new_key(by[1], KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        request = {"KeyId": key, "Message": PLAINTEXT, "SigningAlgorithm": "ECDSA_SHA_256"}
        assert by[2].kms("Sign", **request).status == HTTPStatus.OK
        for line in by.values():
            assert line.kms("Sign", **request).code == "ThrottlingException"


class Load:
    """Clients that connect anew for each call, and keep what was acknowledged."""

    def __init__(self, cluster: Cluster, key: str, clients: int = 4) -> None:
        self._cluster = cluster
        self._key = key
        self._ended = threading.Event()
        self.used: list[str] = []
        self.made: list[str] = []
        self.wrong: list[str] = []
        self._threads = [threading.Thread(target=self._work) for _ in range(clients)]

    def __enter__(self) -> Load:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for each in self._threads:
            each.join()

    def wait_for_more(self, calls: int = 40) -> None:
        """Return when so many more calls were acknowledged."""
        before = len(self.used)
        eventually(lambda: len(self.used) >= before + calls, "no call is answered any more")

    def _work(self) -> None:
        while not self._ended.is_set():
            line = Line(self._cluster, HOME)
            try:
                self._calls(line)
            except (OSError, HTTPException):
                pass  # its worker was killed: an SDK tries again, as this does
            finally:
                line.close()

    def _calls(self, line: Line) -> None:
        for _ in range(5):
            blob = line.kms("Encrypt", KeyId=self._key, Plaintext=PLAINTEXT)
            self._keep(self.used, blob.status, blob.request_id)
        made = line.kms("CreateKey")
        if made.status == HTTPStatus.OK:
            self.made.append(str(made.body["KeyMetadata"]["KeyId"]))

    def _keep(self, where: list[str], status: int, said: str) -> None:
        if status == HTTPStatus.OK:
            where.append(said)
        elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self.wrong.append(said)


def has_ended(cluster: Cluster, times: int) -> bool:
    return cluster.status(HOME).workers[0].ends == times


def check_nothing_was_lost(cluster: Cluster, load: Load) -> None:
    assert not load.wrong
    folder = cluster.local.folder.region(HOME).root / "audit"
    recorded = b"".join(path.read_bytes() for path in folder.rglob("audit-*.jsonl"))
    assert all(each.encode() in recorded for each in load.used)
    with lines(cluster, HOME) as by:
        for number, key in enumerate(load.made):
            assert by[number % 2 + 1].kms("DescribeKey", KeyId=key).status == HTTPStatus.OK
    assert verified(cluster)


def test_a_worker_that_is_killed_under_load_is_started_again_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    with two_workers(tmp_path) as cluster:
        key = new_key(Line(cluster, HOME))
        with Load(cluster, key) as load:
            for ends in range(1, 4):
                load.wait_for_more()
                killed = worker_pid(cluster, HOME)
                os.kill(killed, signal.SIGKILL)
                load.wait_for_more()
                eventually(partial(has_ended, cluster, ends), "the worker's end is not told")
            assert worker_pid(cluster, HOME) != killed
            load.wait_for_more()
        check_nothing_was_lost(cluster, load)


def test_a_leader_that_is_killed_leaves_nobody_and_can_be_started_at_once(tmp_path: Path) -> None:
    with two_workers(tmp_path) as cluster:
        key = new_key(Line(cluster, HOME))
        with Load(cluster, key) as load:
            for _ in range(2):
                load.wait_for_more()
                worker = worker_pid(cluster, HOME)
                cluster.kill_node(HOME)
                cluster.start_node(HOME)
                eventually(partial(gone, worker), "a worker outlives its leader")
                load.wait_for_more()
        check_nothing_was_lost(cluster, load)
        shared = new_key(Line(cluster, PEER), MultiRegion=True)
        Line(cluster, PEER).kms("ReplicateKey", KeyId=shared, ReplicaRegion=HOME)
        cluster.wait_until_enabled(shared, (HOME,))


def test_a_node_that_is_asked_to_end_ends_its_workers_and_finishes_its_trails(
    tmp_path: Path,
) -> None:
    with two_workers(tmp_path) as cluster:
        key = new_key(Line(cluster, HOME))
        with Load(cluster, key) as load:
            load.wait_for_more()
            worker = worker_pid(cluster, HOME)
            cluster.local.regions[HOME].node.stop(30)
            assert cluster.local.regions[HOME].node.ended == "ended with status 0"
            assert gone(worker)
        assert not load.wrong
        for trail in (cluster.local.folder.region(HOME).root / "audit").rglob("audit-*.jsonl"):
            assert b'"checkpoint":' in trail.read_bytes().splitlines()[-1]
        cluster.start_node(HOME)
        check_nothing_was_lost(cluster, load)


def test_fewer_workers_find_the_trails_and_the_usage_of_more(tmp_path: Path) -> None:
    with two_workers(tmp_path) as cluster:
        with lines(cluster, HOME) as by:
            key = new_key(by[1])
            last = by[2].kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT).request_id
        addresses = [each.address for each in cluster.local.regions.values()]
    with running(cluster.local.folder, addresses, os.urandom) as local:
        alone = Cluster(local)
        line = Line(alone, HOME)
        used = line.kms("GetKeyLastUsage", KeyId=key).body["KeyLastUsage"]
        assert used["KmsRequestId"] == last
        assert last in _events(line, key)
        assert alone.status(HOME).workers == []
    assert verified(cluster)


def test_a_worker_without_a_leader_ends(tmp_path: Path) -> None:
    """Also where no signal tells of the leader's death: its end of the channel is enough."""
    with two_workers(tmp_path) as cluster:
        port = cluster.local.regions[HOME].address.endpoint_port
    node_file = cluster.local.folder.region(HOME).node_file
    ours, theirs = socket.socketpair()
    with ours, theirs, (tmp_path / "page").open("w+b") as page:
        page.truncate(4 * 1024 * 1024)
        command = (sys.executable, "-m", "node.workers", f"--config={node_file}", "--workers=2")
        descriptors = (
            f"--channel={theirs.fileno()}",
            *(f"--{name}={page.fileno()}" for name in ("page", "levels")),
        )
        worker = subprocess.Popen(
            [*command, "--number=2", f"--port={port}", *descriptors],
            pass_fds=(theirs.fileno(), page.fileno()),
        )
        try:
            theirs.close()
            assert b"ready" in ours.recv(100)
            ours.close()
            assert worker.wait(30) == 0
        finally:
            worker.kill()
            worker.wait()

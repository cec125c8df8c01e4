"""`keyspan status`: what it asks, what it shows, and its exit status, against answers made here."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from node.cli import main
from node.cluster import ClusterFolder, RegionAddress
from node.cluster.create import create_cluster
from node.cluster.status import complaints, decode_status, incidents
from node.model.status import RegionStatus

PEER = {
    "state": "following",
    "position": 12,
    "end": 12,
    "lag": 0,
    "acknowledged": 15,
    "acknowledged_lag": 2,
    "reason": None,
    "refusals": 0,
    "last_refusal": None,
    "caught_up": True,
    "alike_at": 1_790_000_000.0,
    "differing": 0,
    "repairs": 0,
}


AUDIT = {
    "sequence": 9,
    "signed": 8,
    "signed_at": 1.0,
    "problem": None,
    "since": None,
    "refused": 0,
}


def answer(region: str, peer: str, **changes: Any) -> dict[str, Any]:
    log = {"last": 17, "published": 17, "stream": "connected", "retained": 5, "rewrites": 0}
    return {
        "region": region,
        "started": 1.0,
        "keys": {"Enabled": 3, "PendingDeletion": 1},
        "log": {**log, **changes.pop("log", {})},
        "audit": {**AUDIT, **changes.pop("audit", {})},
        "waiting": changes.pop("waiting", []),
        "quotas": {"Symmetric": 50.0},
        "turned_away": changes.pop("turned_away", {}),
        "workers": changes.pop("workers", []),
        "peers": {peer: {**PEER, **changes}},
    }


class Node(BaseHTTPRequestHandler):
    """Answers every request with its server's answer, and keeps the headers it was sent."""

    server: Any

    def do_POST(self) -> None:
        self.server.seen.append(dict(self.headers.items()))
        body = self.server.answer
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        status, body = getattr(self.server, "health", (200, b'{"status": "ok"}'))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def node() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Node)
    server.seen, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path, node: Any) -> ClusterFolder:
    """Two regions: one whose node is made here, and one where nothing listens (port 1)."""
    made = ClusterFolder(tmp_path / "cluster")
    addresses = (
        RegionAddress("us-east-1", node.server_address[1], 2),
        RegionAddress("eu-west-1", 1, 2),
    )
    create_cluster(made, addresses, "111122223333", os.urandom)
    return made


def status(folder: ClusterFolder, *words: str) -> int:
    return main(["status", "--data", str(folder.root), *words])


WORKER = {"number": 2, "pid": 4711, "ends": 0, "audit": AUDIT}


@pytest.mark.parametrize(
    ("changes", "complained", "told"),
    [
        ({}, "", ""),
        ({"pid": None, "audit": None, "ends": 3}, "worker 2 does not serve", "again (3 times)"),
        ({"ends": 1}, "", "us-east-1's worker 2 ended and was started again (once)"),
        (
            {"audit": {**AUDIT, "problem": "No space left on device", "since": 1.0}},
            "us-east-1's worker 2 cannot write its audit trail: No space left on device",
            "",
        ),
    ],
)
def test_a_worker_that_needs_a_person_is_told_of(
    changes: dict[str, Any], complained: str, told: str
) -> None:
    body = answer("us-east-1", "eu-west-1", workers=[{**WORKER, **changes}])
    found = decode_status(json.dumps(body).encode())
    assert complained in "".join(complaints(found))
    assert bool(complained) is bool(list(complaints(found)))
    assert told in "".join(incidents(found))
    assert bool(told) is bool(list(incidents(found)))


def test_one_region_answers_and_one_is_away(
    folder: ClusterFolder, node: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answer = json.dumps(answer("us-east-1", "eu-west-1", lag=3, caught_up=False)).encode()
    assert status(folder) == 1
    shown = capsys.readouterr().out
    assert "3 Enabled, 1 PendingDeletion" in shown
    assert "17 of 17" in shown
    assert "12 of 12" in shown
    assert "eu-west-1 is unreachable: http://127.0.0.1:1 does not answer" in shown
    sent = node.seen[0]
    assert sent["x-amz-target"] == "Keyspan.GetStatus"
    assert sent["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA")
    assert "/us-east-1/kms/aws4_request" in sent["authorization"]


def test_json_holds_the_same(
    folder: ClusterFolder, node: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answer = json.dumps(answer("us-east-1", "eu-west-1")).encode()
    assert status(folder, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["account"] == "111122223333"
    assert document["regions"]["us-east-1"] == answer("us-east-1", "eu-west-1")
    assert "does not answer" in document["regions"]["eu-west-1"]["unreachable"]
    assert len(document["attention"]) == 1


def test_what_was_tampered_with_stays_on_show_when_all_is_well_again(
    folder: ClusterFolder, node: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = "Gap: entry 14, where 13 was expected"
    changes = {"refusals": 2, "last_refusal": refusal, "log": {"rewrites": 1}}
    node.answer = json.dumps(answer("us-east-1", "eu-west-1", **changes)).encode()
    status(folder)
    shown = capsys.readouterr().out
    assert "us-east-1 wrote its stream anew (once)" in shown
    assert f"refused to read on in eu-west-1's log (2 times), last because of {refusal}" in shown
    status(folder, "--json")
    region = json.loads(capsys.readouterr().out)["regions"]["us-east-1"]
    assert region["log"]["rewrites"] == 1
    assert region["peers"]["eu-west-1"]["last_refusal"] == refusal


def test_what_waits_is_shown_with_whom_it_waits_for_and_since_when(
    folder: ClusterFolder, node: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = [
        {
            "key_id": f"mrk-{number:032x}",
            "kind": kind,
            "rotation_type": rotation_type,
            "since": since,
            "regions": ["eu-west-1"],
        }
        for number, (kind, rotation_type, since) in enumerate(
            [("rotation", "AUTOMATIC", 1.0), ("handover", None, None)]
            + [("rotation", "ON_DEMAND", 1_790_000_000.0)] * 10
        )
    ]
    node.answer = json.dumps(answer("us-east-1", "eu-west-1", waiting=waiting)).encode()
    status(folder)
    shown = capsys.readouterr().out
    assert "automatic rotation  eu-west-1" in shown
    assert "1970-01-01 00:00:01 UTC" in shown
    assert "2026-09-21 14:13:20 UTC" in shown
    assert "handover" in shown
    assert "and 4 more: --json" in shown
    status(folder, "--json")
    region = json.loads(capsys.readouterr().out)["regions"]["us-east-1"]
    assert region["waiting"] == waiting


def test_the_configuration_of_a_node_serves_too(
    folder: ClusterFolder, node: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answer = json.dumps(answer("us-east-1", "eu-west-1")).encode()
    config = folder.region("us-east-1").node_file
    assert main(["status", "--config", str(config)]) == 1
    assert "3 Enabled" in capsys.readouterr().out


STRANGE_ANSWERS = {
    "not JSON": b"<html>",
    "empty": b"",
    "a list": b"[]",
    "a field of another kind": json.dumps(
        answer("us-east-1", "eu-west-1", log={"last": "17"})
    ).encode(),
    "a field that is absent": b'{"region": "us-east-1"}',
    "another region": json.dumps(answer("eu-west-1", "us-east-1")).encode(),
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", STRANGE_ANSWERS)
def test_a_strange_answer_is_an_unreachable_region(
    folder: ClusterFolder, node: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answer = STRANGE_ANSWERS[name]
    assert status(folder, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert "answers" in document["regions"]["us-east-1"]["unreachable"]


def test_a_refusal_is_shown_by_its_name(
    folder: ClusterFolder, node: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    node.status = 400
    node.answer = b'{"__type": "UnrecognizedClientException", "message": "Who are you?"}'
    assert status(folder) == 1
    assert "UnrecognizedClientException: Who are you?" in capsys.readouterr().out


def test_a_node_that_refuses_every_call_says_why(
    folder: ClusterFolder, node: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    node.status = 500
    node.answer = b'{"__type": "KMSInternalException"}'
    node.health = (503, b'{"status": "unavailable", "reason": "the disk is full"}')
    assert status(folder) == 1
    assert "refuses every call: the disk is full" in capsys.readouterr().out


def test_an_audit_trail_that_cannot_be_written_is_a_complaint() -> None:
    [complaint] = complaints(decoded(audit={"problem": "No space left on device"}))
    assert "audit trail: No space left on device" in complaint
    [incident] = incidents(decoded(audit={"refused": 3}))
    assert "3 times" in incident
    [incident] = incidents(decoded(turned_away={"malformed HTTP": 2}))
    assert incident == "us-east-1 turned away malformed HTTP (2 times)"


def decoded(**changes: Any) -> RegionStatus:
    return decode_status(json.dumps(answer("us-east-1", "eu-west-1", **changes)).encode())


def test_a_healthy_region_has_no_complaint() -> None:
    assert list(complaints(decoded())) == []
    assert list(incidents(decoded())) == []
    assert decoded().caught_up


def test_a_region_that_catches_up_has_no_complaint() -> None:
    behind = decoded(position=2, lag=10, caught_up=False)
    assert list(complaints(behind)) == []
    assert not behind.caught_up


def test_a_region_with_an_unpublished_log_is_not_caught_up() -> None:
    assert not decoded(log={"published": 16}).caught_up


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {"state": "refused", "reason": "entry 13: signature does not verify"},
            "us-east-1 reads eu-west-1: refused, entry 13: signature does not verify",
        ),
        ({"state": "unreachable"}, "us-east-1 reads eu-west-1: unreachable, no reason given"),
        (
            {"log": {"stream": "unreachable: connection refused"}},
            "us-east-1's stream is unreachable: connection refused",
        ),
    ],
)
def test_what_needs_attention(changes: dict[str, Any], complaint: str) -> None:
    assert list(complaints(decoded(**changes))) == [complaint]

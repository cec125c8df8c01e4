"""`keyspan audit verify|search|tail` over the files of a cluster whose nodes do not run."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from node.audit.folder import trail_files
from node.audit.sink import Rules
from node.audit.times import iso_time
from node.audit.trail import open_trail
from node.cli import main
from node.clock import SystemClock
from node.cluster import ClusterFolder
from node.cluster.addresses import RegionAddress
from node.cluster.create import create_cluster
from node.settings import read_node_settings

KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"


def record(number: int, **changes: Any) -> dict[str, Any]:
    """A record as a node writes it, as far as reading goes."""
    return {
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/alice",
            "userName": "alice",
        },
        "eventTime": iso_time(time.time() - 3600 + number),
        "eventSource": "kms.amazonaws.com",
        "eventName": "Encrypt",
        "awsRegion": "us-east-1",
        "requestID": f"request-{number}",
        "eventID": f"event-{number}",
        "readOnly": True,
        "resources": [{"accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": KEY}],
        "recipientAccountId": "111122223333",
        **changes,
    }


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    """Two regions, of which nothing runs."""
    made = ClusterFolder(tmp_path / "cluster")
    addresses = (RegionAddress("us-east-1", 1, 2), RegionAddress("eu-west-1", 3, 4))
    create_cluster(made, addresses, "111122223333", os.urandom)
    return made


@pytest.fixture
def place(folder: ClusterFolder) -> Path:
    """A cluster's folder whose us-east-1 has twelve records in files of 2 KiB."""
    settings = read_node_settings(folder.region("us-east-1").node_file)
    records = [record(number) for number in range(9)]
    records.append(record(9, eventName="Decrypt", errorCode="AccessDenied"))
    bob = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "userName": "bob"}
    records.append(record(10, userIdentity=bob))
    stranger = {"type": "Unknown", "accessKeyId": "\x1b[31mred"}
    records.append(record(11, userIdentity=stranger, errorCode="UnrecognizedClientException"))

    async def write() -> None:
        trail = await open_trail(
            settings.audit.folder,
            settings.identity,
            os.urandom,
            SystemClock(),
            Rules(file_bytes=2048),
        )
        for each in records:
            trail.sink.append("record", msgspec.json.encode(each))
        await trail.close()

    asyncio.run(write())
    return folder.root


def files(place: Path) -> list[Path]:
    return trail_files(place / "us-east-1" / "audit")


def audit(place: Path, *words: str) -> int:
    return main(["audit", *words, "--data", str(place)])


def test_whole_trails_are_proved_whole(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(files(place)) > 2
    assert audit(place, "verify") == 0
    said = capsys.readouterr().out
    assert "us-east-1: whole; 12 records" in said
    assert "eu-west-1: no trail yet." in said
    assert "Every trail is whole." in said


def test_the_first_line_that_was_touched_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = files(place)[1]
    path.write_bytes(path.read_bytes().replace(b'"Encrypt"', b'"Decrypt"', 1))
    assert audit(place, "verify") == 1
    said = capsys.readouterr().out
    assert "! us-east-1: changed at line" in said
    assert path.name in said
    assert audit(place, "verify", "--json") == 1
    [verdict, _] = json.loads(capsys.readouterr().out)
    assert verdict["whole"] is False
    assert verdict["finding"]["damage"] == "changed"
    assert verdict["finding"]["file"] == path.name


def test_a_file_that_is_gone_is_missed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files(place)[1].unlink()
    assert audit(place, "verify", "--region", "us-east-1") == 1
    assert "! us-east-1: cut at line" in capsys.readouterr().out


def test_one_region_s_node_file_will_do(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "--config", str(place / "us-east-1" / "node.toml")]) == 0
    assert "eu-west-1" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), 12),
        (("--event", "Encrypt"), 11),
        (("--event", "Decrypt", "--error", "AccessDenied"), 1),
        (("--error", "any"), 2),
        (("--principal", "alice"), 10),
        (("--principal", "arn:aws:iam::111122223333:user/bob"), 1),
        (("--key", KEY), 12),
        (("--key", KEY.rpartition("/")[2]), 12),
        (("--key", "another"), 0),
        (("--request", "request-3"), 1),
        (("--limit", "4"), 4),
        (("--since", "2h"), 12),
        (("--since", "1m"), 0),
        (("--until", "2h"), 0),
        (("--until", "2020-01-01"), 0),
        (("--since", "2020-01-01T00:00:00+02:00"), 12),
    ],
)
def test_records_are_found(
    place: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], found: int
) -> None:
    assert audit(place, "search", *words, "--json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == found
    times = [json.loads(line)["eventTime"] for line in lines]
    assert times == sorted(times, reverse=True)


def test_a_table_shows_who_did_what(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(place, "search") == 0
    said = capsys.readouterr().out
    assert "AccessDenied" in said
    assert "11111111-2222-3333-4444-555555555555" in said
    assert "\x1b[31m" not in said, "a stranger's text reached the terminal as it was"
    assert audit(place, "search", "--event", "Nothing") == 0
    assert "No record." in capsys.readouterr().out


def test_the_last_records_are_shown_oldest_first(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(place, "tail", "-n", "3", "--json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(each)["requestID"] for each in lines] == [
        "request-9",
        "request-10",
        "request-11",
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("search", "--since", "yesterday"), "'yesterday' is not a time"),
        (("tail", "-n", "0"), "'0' is not a number"),
        (("verify", "--region", "sa-east-1"), "sa-east-1 has no node file here"),
        (("prove",), "invalid choice: 'prove'"),
        ((), "required: VERB"),
    ],
)
def test_a_mistake_is_one_sentence(
    place: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    arguments = [*words, "--data", str(place)] if words and words[0] != "prove" else list(words)
    assert main(["audit", *arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_no_trail_at_all_is_said(folder: ClusterFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(folder.root, "verify") == 2
    assert "there is no audit trail yet" in capsys.readouterr().err


@pytest.fixture
def with_worker(place: Path) -> Path:
    """The same, with a second worker's trail of three records, which eu-west-1 has witnessed."""
    folder = ClusterFolder(place)
    settings = read_node_settings(folder.region("us-east-1").node_file)
    other = read_node_settings(folder.region("eu-west-1").node_file)

    async def write() -> None:
        trail = await open_trail(
            settings.audit.folder / "worker-2",
            settings.identity,
            os.urandom,
            SystemClock(),
            Rules(),
        )
        for number in range(12, 15):
            trail.sink.append("record", msgspec.json.encode(record(number)))
        made = await trail.sink.checkpoint()
        await trail.close()
        held = await open_trail(
            other.audit.folder, other.identity, os.urandom, SystemClock(), Rules()
        )
        held.sink.append("witness", msgspec.json.encode(made))
        await held.close()

    asyncio.run(write())
    return place


def test_every_worker_s_trail_is_proved_and_read(
    with_worker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(with_worker, "verify") == 0
    said = capsys.readouterr().out
    assert "us-east-1: whole; 12 records" in said
    assert "us-east-1, worker 2: whole; 3 records" in said
    assert "witnessed to line" in said
    assert audit(with_worker, "search", "--json") == 0
    assert len(capsys.readouterr().out.splitlines()) == 15
    assert audit(with_worker, "tail", "-n", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["requestID"] == "request-14"


def test_a_worker_s_trail_that_was_touched_is_named(
    with_worker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = trail_files(with_worker / "us-east-1" / "audit" / "worker-2")
    path.write_bytes(path.read_bytes().replace(b'"Encrypt"', b'"Decrypt"', 1))
    assert audit(with_worker, "verify") == 1
    said = capsys.readouterr().out
    assert "! us-east-1, worker 2: changed at line" in said
    assert "us-east-1: whole" in said


def test_a_worker_s_trail_that_is_gone_is_missed(
    with_worker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(with_worker / "us-east-1" / "audit" / "worker-2")
    assert audit(with_worker, "verify") == 1
    assert "it is not here" in capsys.readouterr().out


def test_the_end_of_a_worker_s_trail_that_is_gone_is_missed(
    with_worker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = trail_files(with_worker / "us-east-1" / "audit" / "worker-2")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
    assert audit(with_worker, "verify") == 1
    assert "! us-east-1, worker 2: cut at line" in capsys.readouterr().out

"""`keyspan sessions end`: whom it tells, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from node.cli import main, sessions
from node.cluster import ClusterError, ClusterFolder, addresses_from
from node.cluster.create import create_cluster

HOME, FAR = "us-east-1", "eu-west-1"


class Client:
    """Stands for AdministrationClient: `silent` regions do not answer."""

    silent: frozenset[str] = frozenset()
    told: list[tuple[str, str]]

    def __init__(self, administrator: object) -> None:
        type(self).told = []

    def call(self, region: str, endpoint: str, operation: str, request: Any) -> bytes:
        if region in self.silent:
            raise ClusterError("it does not answer.")
        self.told.append((region, operation))
        return b"{}"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = ClusterFolder(tmp_path / "data")
    create_cluster(folder, addresses_from((HOME, FAR), 4601), "111122223333", bytes)
    monkeypatch.setattr(sessions, "AdministrationClient", Client)
    monkeypatch.setattr(Client, "silent", frozenset())
    return str(folder.root)


def test_one_region_is_told(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "end", "--data", data]) == 0
    assert Client.told == [(HOME, "EndSessions")]
    told = capsys.readouterr().out
    assert told == f"{HOME}: every session has ended; {FAR} follow as they hear of it\n"


def test_the_next_one_is_told_where_the_first_is_away(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Client, "silent", frozenset({HOME}))
    assert main(["sessions", "end", "--data", data]) == 0
    assert Client.told == [(FAR, "EndSessions")]
    assert f"! {HOME}: it does not answer." in capsys.readouterr().out


def test_a_region_that_is_named_is_the_only_one_told(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sessions", "end", "--region", FAR, "--data", data]) == 0
    assert Client.told == [(FAR, "EndSessions")]
    monkeypatch.setattr(Client, "silent", frozenset({FAR}))
    assert main(["sessions", "end", "--region", FAR, "--data", data]) == 2
    assert "no region could be told; start one and try again." in capsys.readouterr().err
    assert main(["sessions", "end", "--region", "moon", "--data", data]) == 2
    assert "moon is not a region of this cluster" in capsys.readouterr().err

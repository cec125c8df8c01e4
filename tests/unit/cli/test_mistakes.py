"""Every mistake at the command line is one sentence on standard error, status 2, no traceback."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from node.cli import main
from node.cli.program import COMMANDS
from node.cluster import ClusterFolder, addresses_from
from node.cluster.addresses import free_row
from node.cluster.create import create_cluster
from node.cluster.lock import hold


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cluster(tmp_path: Path) -> ClusterFolder:
    folder = ClusterFolder(tmp_path / "cluster")
    addresses = addresses_from(("us-east-1", "eu-west-1"), 4601)
    create_cluster(folder, addresses, "111122223333", os.urandom)
    return folder


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def sentence(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command line that must be refused, and give what it says."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("keyspan")
    assert captured.err.count("\n") == 1, "more than one line"
    assert captured.err.endswith(".\n")
    assert "Traceback" not in captured.err
    return captured.err


WRONG_WORDS = {
    "no command": ([], "the following arguments are required: COMMAND"),
    "unknown command": (["upp"], "there is no command 'upp'; perhaps 'up' is meant"),
    "command of another kind": (["serve"], "there are up, demo, status, failover, region, link"),
    "unknown option": (["up", "--prot", "1"], "perhaps --port is meant"),
    "unknown option with a value": (["up", "--prot=1"], "perhaps --port is meant"),
    "shortened option": (["up", "--reg", "us-east-1"], "`keyspan up --help` shows"),
    "option before the command": (["--port", "1", "up"], "the command comes first"),
    "a word too many": (["status", "now"], "'now' is not known to `keyspan status`"),
    "option without a value": (["up", "--port"], "argument --port: expected one argument"),
    "port of letters": (["up", "--port", "http"], "'http' is not a port"),
    "port 0": (["up", "--port", "0"], "'0' is not a port"),
    "port below 0": (["up", "--port=-1"], "'-1' is not a port"),
    "port past the last": (["up", "--port", "65536"], "'65536' is not a port"),
    "port in other digits": (["up", "--port", "٤٦٠١"], "is not a port"),
    "ports that run past the last": (["up", "--port", "65533"], "ports go from 1 to 65535"),
    "no region": (["up", "--regions", ""], "'' is not the name of a region"),
    "region with a capital": (["up", "--regions", "US-east-1"], "'US-east-1' is not the name"),
    "region with a slash": (["up", "--regions", "../../etc-a-1"], "is not the name of a region"),
    "region with a newline": (["up", "--regions", "us-east-\n1"], "is not the name of a region"),
    "region twice": (["up", "--regions", "us-east-1,us-east-1"], "is named twice"),
    "regions with a comma at the end": (["up", "--regions", "us-east-1,"], "is not the name"),
    "data that is a file": (["up", "--data", "a-file"], "'a-file' is not a folder"),
    "data without a name": (["up", "--data", ""], "'' is not a folder"),
    "ready file in no folder": (["up", "--ready-file", "no/where"], "--ready-file no/where"),
    "ready file that is a folder": (["up", "--ready-file", "."], "name a file in a folder"),
    "folder that is not empty": (["up", "--data", "."], "is not a cluster of Keyspan"),
    "init without a folder": (["init"], "the following arguments are required: DIR"),
    "init into a file": (["init", "a-file"], "'a-file' is not a folder"),
    "init into a full folder": (["init", "."], "is not a cluster of Keyspan"),
    "init below a file": (["init", "a-file/x"], "a-file"),
    "init with a wrong account": (["init", "d", "--account", "12"], "'12' is not an account ID"),
    "node without a file": (["node"], "the following arguments are required: --config"),
    "node with no such file": (["node", "--config", "gone.toml"], "gone.toml does not exist"),
    "node with a folder": (["node", "--config", "."], "cannot be read"),
    "node with what is no TOML": (["node", "--config", "a-file"], "is not valid TOML"),
    "status of no cluster": (["status"], "there is no cluster in .keyspan"),
    "status of two things": (["status", "--data", "a", "--config", "b"], "not allowed with"),
    "status of no such file": (["status", "--config", "gone.toml"], "gone.toml does not exist"),
    "region with another verb": (["region", "burn", "us-east-1"], "invalid choice: 'burn'"),
    "region of no cluster": (["region", "kill", "us-east-1"], "there is no cluster in .keyspan"),
    "region of two parts": (["region", "kill", "r", "--node", "--stream"], "not allowed with"),
    "region of no compose": (
        ["region", "kill", "us-east-1", "--compose", "gone/compose.yaml"],
        "make one with `docker compose run --rm setup`",
    ),
    "link of one region": (["link", "cut", "us-east-1"], "arguments are required: REGION"),
    "link to itself": (["link", "cut", "us-east-1", "us-east-1"], "two different regions"),
    "link of no verb": (["link"], "are required: cut|slow|heal|show"),
    "link slowed by nothing": (["link", "slow", "a", "b"], "at least one of --latency"),
    "link cut with a latency": (["link", "cut", "a", "b", "--latency", "1s"], "is not known to"),
    "link healed silently": (["link", "heal", "--silent", "a", "b"], "is not known to"),
    "link with a latency of words": (
        ["link", "slow", "a", "b", "--latency", "slow"],
        "'slow' is not a length of time",
    ),
    "link that loses all": (["link", "slow", "a", "b", "--loss", "99%"], "is not a share"),
    "link without bandwidth": (["link", "slow", "a", "b", "--bandwidth", "0"], "at least 1"),
    "links shown of a region": (["link", "show", "us-east-1"], "'us-east-1' is not known to"),
    "clock without a time": (["clock", "advance"], "arguments are required: TIME"),
    "clock moved back": (["clock", "advance", "-1d"], "--help` shows"),
    "clock moved by a number": (["clock", "advance", "366"], "'366' is not a length of time"),
    "clock shown with a time": (["clock", "show", "1d"], "'1d' is not known to"),
    "node with a stream of nobody": (
        ["node", "--config", "a-file", "--peer-stream", "eu-west-1"],
        "must begin with redis://",
    ),
    "backup without a file": (["backup"], "the following arguments are required: FILE"),
    "backup of no cluster": (["backup", "new"], "there is no cluster in .keyspan"),
    "restore of no such file": (["restore", "new", "--config", "gone.toml"], "does not exist"),
    "a seed that there is not": (["up", "--seed", "gone.toml"], "check the path of --seed"),
    "a seed that is broken": (["up", "--seed", "a-file"], "a-file, line 1: this is not valid TOML"),
    "drill of nothing": (["drill"], "one of the arguments SCENARIO --list --show is required"),
    "drill of no such name": (
        ["drill", "flood"],
        "there is no scenario 'flood'",
    ),
    "drill of no such file": (["drill", "gone.toml"], "gone.toml: No such file"),
    "drill of what is no scenario": (["drill", "./a-file"], "./a-file is not TOML"),
    "drill shown of no name": (["drill", "--show", "flood"], "there is no scenario 'flood'"),
    "drill on no cluster": (["drill", "partition", "--data", "d"], "there is no cluster in d"),
    "drill by hand without one": (["drill", "partition", "--manual"], "run it in a terminal"),
    "drill with a report in a file": (
        ["drill", "partition", "--report", "a-file"],
        "reports cannot be written to a-file",
    ),
    "demo with a word": (["demo", "fast"], "'fast' is not known to `keyspan demo`"),
}


@pytest.mark.parametrize("name", WRONG_WORDS)
def test_wrong_words(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("no settings\n")
    words, expected = WRONG_WORDS[name]
    assert expected in sentence(words, capsys)


def test_a_busy_port(
    busy_port: int, cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["up", "--data", str(cluster.root), "--port", str(busy_port)]
    said = sentence(words, capsys)
    assert f"Port {busy_port}, which us-east-1 needs, is already in use" in said
    assert "--port" in said


def test_a_second_up_on_one_folder(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with hold(cluster):
        assert "is already running" in sentence(["up", "--data", str(cluster.root)], capsys)


def test_a_region_left_out(cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["up", "--data", str(cluster.root), "--regions", "us-east-1"]
    assert "also holds eu-west-1, and a region cannot be left out" in sentence(words, capsys)


@pytest.mark.parametrize("verb", ["kill", "start"])
def test_processes_of_a_cluster_that_nobody_runs(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    words = ["region", verb, "us-east-1", "--data", str(cluster.root)]
    assert "`keyspan up` runs no cluster in" in sentence(words, capsys)
    cluster.up_file.write_text('{"pid": 1, "regions": {}, "control": "/gone"}')  # a dead one's
    assert "`keyspan up` runs no cluster in" in sentence(words, capsys)


@pytest.mark.parametrize(
    "words", [["region", "kill", "sa-east-1"], ["link", "cut", "us-east-1", "sa-east-1"]]
)
def test_a_region_that_there_is_not(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    said = sentence([*words, "--data", str(cluster.root)], capsys)
    assert "sa-east-1 is not a region of this cluster; it has us-east-1, eu-west-1." in said


def test_a_clock_that_was_moved_does_not_go_back(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    region = cluster.region("us-east-1")
    region.clock_file.write_text("31622400.0\n")
    for words in (
        ["up", "--data", str(cluster.root)],
        ["node", "--config", str(region.node_file)],
    ):
        said = sentence(words, capsys)
        assert "must not go back" in said
        assert "--movable-clock" in said


def test_a_clock_file_of_another_kind(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    region = cluster.region("us-east-1")
    region.clock_file.write_text("later\n")
    words = ["node", "--movable-clock", "--config", str(region.node_file)]
    assert "does not say how far the clock was moved" in sentence(words, capsys)


def test_a_peer_stream_of_no_peer(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["node", "--config", str(cluster.region("us-east-1").node_file)]
    words += ["--peer-stream", "us-east-1=redis://127.0.0.1:1/0"]
    assert "the peers of this region are eu-west-1" in sentence(words, capsys)


def test_backups_of_one_region_at_a_time(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["backup", "new", "--data", str(cluster.root)]
    assert "no region is named; give --region, one of us-east-1" in sentence(words, capsys)
    words += ["--region", "mars-1"]
    assert "mars-1 is not a region of this cluster" in sentence(words, capsys)


def test_a_region_that_never_ran_has_nothing_to_back_up(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["backup", "new", "--data", str(cluster.root), "--region", "us-east-1"]
    assert "us-east-1 has no key store yet; its node makes one" in sentence(words, capsys)
    assert not (tmp_path / "new").exists()


def test_a_backup_replaces_no_file_and_a_restore_reads_no_other(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a-file").write_text("mine\n")
    cluster.region("us-east-1").store_file.write_bytes(b"")
    place = ["--data", str(cluster.root), "--region", "us-east-1"]
    said = sentence(["backup", "a-file", *place], capsys)
    assert "a-file exists already, and a backup replaces nothing; name a new" in said
    assert "a-file is no backup" in sentence(["restore", "a-file", *place], capsys)
    assert (tmp_path / "a-file").read_text() == "mine\n"


def test_init_twice(cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]) -> None:
    before = cluster.cluster_file.read_text()
    assert "already holds a cluster" in sentence(["init", str(cluster.root)], capsys)
    assert cluster.cluster_file.read_text() == before


def test_credentials_that_others_can_read(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.credentials_file.chmod(0o644)
    for words in (
        ["up", "--port", str(free_row(4)), "--data", str(cluster.root)],
        ["status", "--data", str(cluster.root)],
    ):
        assert f"chmod 600 {cluster.credentials_file}" in sentence(words, capsys)


def test_a_root_key_that_others_can_read(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    region = cluster.region("us-east-1")
    region.root_key_file.chmod(0o640)
    words = ["node", "--config", str(region.node_file)]
    assert f"chmod 600 {region.root_key_file}" in sentence(words, capsys)


def test_control_characters_of_a_name_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "\x1b" not in sentence(["node", "--config", "\x1b]0;owned\x07"], capsys)


def test_no_server_for_streams(
    cluster: ClusterFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("platform.machine", lambda: "vax")
    words = ["up", "--data", str(cluster.root)]
    assert "install Valkey with your system's package manager" in sentence(words, capsys)


@pytest.mark.parametrize("command", [each.name for each in COMMANDS])
def test_help_of_each_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: keyspan {command}" in capsys.readouterr().out


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "run a whole cluster on this machine" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("up",), ("node", "--config", "node.toml")])
@pytest.mark.parametrize("number", ["0", "257", "two", "1.5", "-1"])
def test_workers_that_are_no_number(
    number: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    said = sentence([*words, f"--workers={number}"], capsys)
    assert f"'{number}' is no number of workers; give 1 to 256" in said


@pytest.mark.parametrize(
    ("quota", "said"),
    [
        ("eu-west-1:Symetric=5", "'Symetric=5' is not a request quota"),
        ("eu-west-1:Symmetric=0", "is not a request quota"),
        ("eu-west-1", "is not a request quota"),
        ("nowhere:Symmetric=5", "nowhere"),
        ("sa-east-1:Symmetric=5", "the regions of this cluster are us-east-1, eu-west-1"),
    ],
)
def test_a_quota_that_is_none(
    quota: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["up", "--data", str(tmp_path / "new"), "--regions", "us-east-1,eu-west-1"]
    assert said in sentence([*words, "--quota", quota], capsys)
    assert not (tmp_path / "new").exists()

"""A cluster's folder: made whole or not at all, changed with care, run by one supervisor."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.cluster import ClusterError, ClusterFolder, RegionAddress, addresses_from, free_addresses
from node.cluster.addresses import refuse_busy_ports
from node.cluster.create import create_cluster, update_cluster
from node.cluster.files import create_private, replace
from node.cluster.lock import RegionNote, hold, read_note, write_note
from node.settings import read_cluster_settings, read_node_settings
from node.settings.administrator import read_administrator

REGIONS = ("us-east-1", "eu-west-1")
ACCOUNT = "111122223333"


def made(root: Path, regions: Sequence[str] = REGIONS, port: int = 4601) -> ClusterFolder:
    folder = ClusterFolder(root)
    create_cluster(folder, addresses_from(regions, port), ACCOUNT, os.urandom)
    return folder


def contents(folder: ClusterFolder) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.root.rglob("*")) if p.is_file()}


def test_every_region_can_start_from_a_new_folder(tmp_path: Path) -> None:
    folder = made(tmp_path / "deep" / "er")
    for region in REGIONS:
        assert read_node_settings(folder.region(region).node_file).region == region


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    secrets = [p for p in folder.root.rglob("*") if p.suffix == ".key" or "cred" in p.name]
    assert len(secrets) == 2 * len(REGIONS) + 1
    assert {stat.S_IMODE(p.stat().st_mode) for p in secrets} == {0o600}
    folders = [folder.root, *(p for p in folder.root.rglob("*") if p.is_dir())]
    assert {stat.S_IMODE(p.stat().st_mode) for p in folders} == {0o700}


def test_no_two_regions_and_no_two_clusters_share_a_secret(tmp_path: Path) -> None:
    both = {**contents(made(tmp_path / "a")), **contents(made(tmp_path / "b"))}
    keys = [text for name, text in both.items() if name.endswith(".key")]
    assert len(set(keys)) == len(keys) == 4 * len(REGIONS)


def test_the_administrator_has_an_access_key_like_those_of_aws(tmp_path: Path) -> None:
    administrator = read_administrator(made(tmp_path / "c").credentials_file)
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", administrator.access_key_id)
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", administrator.secret_access_key)
    assert administrator.account == ACCOUNT


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    def failing(size: int) -> bytes:
        if (tmp_path / "c").exists() or size == 10:  # the size of the access key, made last
            raise OSError("no randomness")
        return os.urandom(size)

    folder = ClusterFolder(tmp_path / "c")
    with pytest.raises(OSError, match="no randomness"):
        create_cluster(folder, addresses_from(REGIONS, 4601), ACCOUNT, failing)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("occupied", ["cluster", "file", "other files"])
def test_an_occupied_place_is_left_as_it_is(tmp_path: Path, occupied: str) -> None:
    place = tmp_path / "c"
    if occupied == "cluster":
        made(place)
    elif occupied == "file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "mine").write_text("mine")
    before = contents(ClusterFolder(tmp_path))
    with pytest.raises(ClusterError):
        made(place)
    assert contents(ClusterFolder(tmp_path)) == before


def test_an_update_with_nothing_new_changes_nothing(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    before = contents(folder)
    update_cluster(folder, addresses_from(REGIONS, 4601), os.urandom)
    assert contents(folder) == before


def test_another_port_is_taken_over_and_own_settings_stay(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    node_file = folder.region("eu-west-1").node_file
    node_file.write_text(f"{node_file.read_text()}[replication]\nreplicate_wait_seconds = 3\n")
    before = read_cluster_settings(folder.cluster_file)
    update_cluster(folder, addresses_from(REGIONS, 5000), os.urandom)
    after = read_cluster_settings(folder.cluster_file)
    assert [each.endpoint[-4:] for each in after.regions.values()] == ["5000", "5001"]
    assert [each.stream[-6:] for each in after.regions.values()] == ["5002/0", "5003/0"]
    for region in REGIONS:
        assert after.regions[region].identity == before.regions[region].identity
    settings = read_node_settings(node_file)
    assert (settings.port, settings.replicate_wait_seconds) == (5001, 3.0)


def test_a_region_is_added_and_the_others_keep_their_keys(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    keys = {name: text for name, text in contents(folder).items() if name.endswith(".key")}
    update_cluster(folder, addresses_from((*REGIONS, "sa-east-1"), 4601), os.urandom)
    assert list(read_cluster_settings(folder.cluster_file).regions) == [*REGIONS, "sa-east-1"]
    assert read_node_settings(folder.region("sa-east-1").node_file).port == 4603
    assert {name: text for name, text in contents(folder).items() if name in keys} == keys


def test_a_region_that_was_half_added_keeps_its_keys(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    more = addresses_from((*REGIONS, "sa-east-1"), 4601)
    before = folder.cluster_file.read_text()
    update_cluster(folder, more, os.urandom)
    identity = folder.region("sa-east-1").identity_file.read_text()
    folder.cluster_file.write_text(before)  # as if it had stopped before its last step
    update_cluster(folder, more, os.urandom)
    assert folder.region("sa-east-1").identity_file.read_text() == identity
    assert read_node_settings(folder.region("sa-east-1").node_file).region == "sa-east-1"


def test_a_region_cannot_be_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    before = contents(folder)
    with pytest.raises(ClusterError, match="also holds us-east-1"):
        update_cluster(folder, addresses_from(("eu-west-1",), 4601), os.urandom)
    assert contents(folder) == before


def test_one_supervisor_at_a_time(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    with hold(folder):
        write_note(folder, {})
        with pytest.raises(ClusterError, match=rf"already running \(process {os.getpid()}\)"):
            hold(folder).__enter__()
        assert read_note(folder) is not None
    assert read_note(folder) is None
    with hold(folder):
        pass


def interrupted_run(folder: ClusterFolder) -> None:
    with hold(folder):
        write_note(folder, {})
        raise KeyboardInterrupt


def test_the_note_goes_even_when_the_run_fails(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    with pytest.raises(KeyboardInterrupt):
        interrupted_run(folder)
    assert not folder.up_file.exists()


@pytest.mark.parametrize(
    "note", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "regions": {"a": 1}}', "\x00"]
)
def test_a_note_that_cannot_be_read_does_not_stand_in_the_way(tmp_path: Path, note: str) -> None:
    folder = made(tmp_path / "c")
    folder.up_file.write_text(note)
    with hold(folder):
        pass


def test_the_note_of_a_killed_run_with_free_ports_is_taken_away(tmp_path: Path) -> None:
    folder = made(tmp_path / "c")
    (address,) = free_addresses(("us-east-1",))
    write_note(folder, {"us-east-1": RegionNote(address.endpoint, 1, address.stream, 1)})
    with hold(folder):
        assert not folder.up_file.exists()


def test_busy_ports_are_named_with_their_region() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        (free,) = free_addresses(("us-east-1",))
        busy = RegionAddress("eu-west-1", free.endpoint_port, port)
        with pytest.raises(ClusterError, match=f"Port {port}, which eu-west-1 needs"):
            refuse_busy_ports([free, busy])
        refuse_busy_ports([free])


@given(count=st.integers(1, 12), first=st.integers(-10, 70_000))
def test_ports_count_upwards_and_never_meet(count: int, first: int) -> None:
    regions = [f"region-{number}" for number in range(count)]
    if first < 1 or first + 2 * count - 1 > 65535:
        with pytest.raises(ClusterError, match="ports go from 1 to 65535"):
            addresses_from(regions, first)
        return
    addresses = addresses_from(regions, first)
    assert [each.endpoint_port for each in addresses] == list(range(first, first + count))
    streams = [each.stream_port for each in addresses]
    assert streams == list(range(first + count, first + 2 * count))


def test_a_private_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    create_private(path, "first")
    with pytest.raises(FileExistsError):
        create_private(path, "second")
    assert path.read_text() == "first"


def test_a_replaced_file_has_the_new_text_and_mode_and_no_drafts_stay(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("old")
    replace(path, json.dumps({"new": True}), 0o600)
    assert json.loads(path.read_text()) == {"new": True}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]

"""`keyspan doctor` on real regions, one of which lost a key from its store."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from node.cli import main
from tests.harness.cluster import Cluster, error_code

pytestmark = pytest.mark.processes


def test_the_doctor_finds_and_mends_what_a_store_lost(
    fresh_cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = fresh_cluster
    home, victim, _ = cluster.names
    words = ["doctor", "--data", str(cluster.local.folder.root)]
    key_ids = [cluster.replicated_key(home, cluster.names[1:]) for _ in range(3)]
    cluster.wait_until_caught_up()
    assert main(words) == 0
    assert "All regions hold the same." in capsys.readouterr().out

    lost = key_ids[1]
    blob = cluster.kms(home).encrypt(KeyId=lost, Plaintext=b"kept elsewhere")["CiphertextBlob"]
    cluster.kill_node(victim)
    store = cluster.local.folder.region(victim).store_file
    with closing(sqlite3.connect(store)) as database, database:
        for table in ("materials", "keys"):
            database.execute(f"DELETE FROM {table} WHERE key_id = ?", (lost,))  # noqa: S608
    assert main(words) == 1
    assert f"! {home} and {victim}: " in capsys.readouterr().out
    cluster.start_node(victim)
    assert error_code(lambda: cluster.kms(victim).describe_key(KeyId=lost)) == "NotFoundException"

    assert main([*words, "--dry-run"]) == 1
    assert f"{home} and {victim} still differ on {lost}" in capsys.readouterr().out
    assert main(words) == 0
    said = capsys.readouterr().out
    assert f"{home} and {victim} differed on {lost}" in said
    assert "each sent the other its state" in said
    assert cluster.kms(victim).decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept elsewhere"

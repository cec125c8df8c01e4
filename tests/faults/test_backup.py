"""A real region is backed up while it serves, lost with its disk, and restored from the file."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from node.cli import main
from tests.faults import agreement
from tests.faults.load import Load
from tests.harness.cluster import Cluster, eventually

pytestmark = pytest.mark.processes

CALLS = 60
LOST, HEIR = "us-east-1", "eu-west-1"


def test_a_lost_disk_is_replaced_by_a_backup(
    fresh_cluster: Cluster, random: Random, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster, backup = fresh_cluster, tmp_path / "us-east-1.backup"
    data = ["--data", str(cluster.local.folder.root), "--region", LOST]
    key_id = cluster.replicated_key(LOST, cluster.names[1:])
    before = cluster.kms(LOST).encrypt(KeyId=key_id, Plaintext=b"before")["CiphertextBlob"]
    with Load(cluster, random) as load:
        load.allow(CALLS)
        assert main(["backup", str(backup), *data]) == 0
        eventually(lambda: load.idle, "the load does not end")
    agreement.wait_until_level(cluster)
    store = cluster.local.folder.region(LOST).store_file

    assert main(["restore", str(backup), *data]) == 2
    assert f"the key store of {LOST} is in use" in capsys.readouterr().err

    cluster.kill(LOST)
    for each in store.parent.glob("keys.sqlite*"):
        each.unlink()
    words = ["failover", "--from", LOST, "--to", HEIR, "--all"]
    assert main([*words, "--data", str(cluster.local.folder.root)]) == 0
    meanwhile = cluster.kms(HEIR).encrypt(KeyId=key_id, Plaintext=b"meanwhile")["CiphertextBlob"]

    assert main(["restore", str(backup), *data]) == 0
    cluster.mend()
    for region in cluster.names:
        kms = cluster.kms(region)
        assert kms.decrypt(CiphertextBlob=before)["Plaintext"] == b"before"
        assert kms.decrypt(CiphertextBlob=meanwhile)["Plaintext"] == b"meanwhile"
        shown = kms.describe_key(KeyId=key_id)["KeyMetadata"]["MultiRegionConfiguration"]
        assert shown["PrimaryKey"]["Region"] == HEIR

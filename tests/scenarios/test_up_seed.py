"""`keyspan up --seed` with the very file of docs/seeds.md: planted before anything is ready."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path

import pytest

from tests.harness.up import REGIONS, first_port, up

pytestmark = pytest.mark.processes

PAGE = Path(__file__).parents[2] / "docs/seeds.md"
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def example(folder: Path) -> Path:
    """The example of the page as a file."""
    found = re.search(r"^```toml\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    path = folder / "seed.toml"
    path.write_text(found[1])
    return path


def test_ciphertexts_open_in_clusters_that_are_made_anew(tmp_path: Path) -> None:
    seed = ("--seed", str(example(tmp_path)))
    with up(tmp_path, first_port(4), REGIONS, *seed) as running:
        running.wait_until_ready()
        here, there = running.kms("us-east-1"), running.kms("eu-west-1")
        blob = here.encrypt(KeyId="alias/orders", Plaintext=b"for ever")["CiphertextBlob"]
        assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"for ever"
        signer = here.get_public_key(KeyId=ID)["PublicKey"]
        assert running.end(signal.SIGTERM) == 0
    with up(tmp_path, first_port(4), None, *seed) as running:
        running.wait_until_ready()
        again = running.kms("us-east-1")
        assert again.get_public_key(KeyId=ID)["PublicKey"] == signer
        assert len(again.list_keys()["Keys"]) == 2
        assert running.end(signal.SIGTERM) == 0
    log = (tmp_path / "data/us-east-1/node.log").read_text()
    assert f"key/{MRK}, with key material given in the seed" in log
    assert "WlpaWlpa" not in log
    shutil.rmtree(tmp_path / "data")
    with up(tmp_path, first_port(4), REGIONS, *seed) as running:
        running.wait_until_ready()
        fresh = running.kms("eu-west-1")
        assert fresh.decrypt(CiphertextBlob=blob)["Plaintext"] == b"for ever"
        assert fresh.describe_key(KeyId=MRK)["KeyMetadata"]["Origin"] == "EXTERNAL"
        assert running.end(signal.SIGTERM) == 0

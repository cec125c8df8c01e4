"""aws-encryption-sdk-cli: files are encrypted in one region and decrypted in another."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.compat.clients.places import PATIENCE_SECONDS, Places, tool
from tests.harness.cluster import Cluster
from tests.harness.plugin import Tell

pytestmark = pytest.mark.clients

CONTEXT = ("--encryption-context", "purpose=compatibility", "größe=klein")


class EncryptionCli:
    """`aws-encryption-cli` with files of one folder."""

    def __init__(self, places: Places, folder: Path) -> None:
        self._places = places
        self._folder = folder

    def run(
        self, way: str, source: str, target: str, *words: str
    ) -> subprocess.CompletedProcess[str]:
        """One run of the program."""
        files = ("--input", str(self._folder / source), "--output", str(self._folder / target))
        metadata = ("--metadata-output", str(self._folder / f"{target}.metadata"))
        command = [str(tool("aws-encryption-cli")), way, *files, *metadata, *words, *CONTEXT]
        return subprocess.run(
            command,
            env=self._places.variables(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def opens(self, source: str, *words: str) -> bool:
        """Whether it decrypts a file, to what was in `plain`."""
        target = self._folder / "opened"
        target.unlink(missing_ok=True)
        done = self.run("--decrypt", source, "opened", *words)
        if done.returncode != 0:
            return False
        return target.read_bytes() == (self._folder / "plain").read_bytes()


@pytest.fixture
def cli(places: Places, keys: dict[str, str], tmp_path: Path, tell: Tell) -> EncryptionCli:
    """With a file `sealed`, encrypted under the key of the first region."""
    version = subprocess.check_output([tool("aws-encryption-cli"), "--version"], text=True)
    tell(version.strip())
    made = EncryptionCli(places, tmp_path)
    (tmp_path / "plain").write_bytes(b"on the command line\n" * 10_000)
    home = next(iter(keys))
    done = made.run("--encrypt", "plain", "sealed", *under(home, keys[home]))
    assert done.returncode == 0, done.stderr
    (line,) = (tmp_path / "sealed.metadata").read_text(encoding="utf-8").splitlines()
    (data_key,) = json.loads(line)["header"]["encrypted_data_keys"]
    assert data_key["key_provider"]["provider_id"]
    return made


def under(region: str, key: str) -> tuple[str, ...]:
    return ("--wrapping-keys", f"key={key}", f"profile={region}")


def discovering(region: str, account: str) -> tuple[str, ...]:
    """Whatever key of the account the message names, or its related key in the region."""
    place = (f"region={region}", f"profile={region}", "discovery=true", "discovery-partition=aws")
    return ("--wrapping-keys", *place, f"discovery-account={account}")


def test_a_file_in_every_region(cli: EncryptionCli, keys: dict[str, str], cluster: Cluster) -> None:
    for region, key in keys.items():
        assert cli.opens("sealed", *under(region, key))
        assert cli.opens("sealed", *discovering(region, cluster.account))


def test_what_does_not_open_it(cli: EncryptionCli, other_key: str, cluster: Cluster) -> None:
    home, near, _ = cluster.names
    assert not cli.opens("sealed", *under(home, other_key))
    assert not cli.opens("sealed", *discovering(near, "444455556666"))

"""Where the regions of a cluster are, as clients of AWS are told it: profiles, and variables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.harness.cluster import Cluster

HERE: Final = Path(__file__).parent
CACHE: Final = HERE.parents[2] / ".cache"
PATIENCE_SECONDS: Final = 120.0


class Places:
    """A folder with an AWS configuration whose profiles are the regions of a cluster."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster = cluster
        self.folder = folder
        self._config = folder / "aws-config"
        self._config.write_text("\n".join(map(self._profile, cluster.names)), encoding="utf-8")

    def variables(self, region: str | None = None) -> dict[str, str]:
        """The administrator's credentials, the profiles, and nothing else of AWS; for clients that
        know one region alone, that region and its endpoint too.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        administrator = self._cluster.local.administrator
        kept |= {
            "AWS_ACCESS_KEY_ID": administrator.access_key_id,
            "AWS_SECRET_ACCESS_KEY": administrator.secret_access_key,
            "AWS_CONFIG_FILE": str(self._config),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if region is not None:
            endpoint = self._cluster.endpoint(region)
            kept |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
            kept |= {"AWS_ENDPOINT_URL_KMS": endpoint}
        return kept

    def python(self, program: str, region: str | None = None, **given: Any) -> Any:
        """What a program of `programs` tells of a run with these values."""
        command = [str(tool("python")), str(HERE / "programs" / program)]
        return self._told(command, region, given)

    def javascript(self, program: str, **given: Any) -> Any:
        """What a program of `javascript` tells; skips the test where there is no Node.js."""
        node = shutil.which("node")
        place = CACHE / "javascript"  # where the packages are: Node.js looks beside the program
        if node is None or not (place / "node_modules").is_dir():
            assert not os.environ.get("CI"), "Node.js and `make clients` are needed"
            pytest.skip("there is no Node.js, or `make clients` has not installed the packages")
        for file in (HERE / "javascript").glob("*.mjs"):
            shutil.copy(file, place)
        return self._told([node, str(place / program)], None, given)

    def _told(self, command: list[str], region: str | None, given: dict[str, Any]) -> Any:
        given["endpoints"] = {name: self._cluster.endpoint(name) for name in self._cluster.names}
        done = subprocess.run(
            command,
            env=self.variables(region),
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr[-3000:]}"
        return json.loads(done.stdout.splitlines()[-1])

    def _profile(self, region: str) -> str:
        """A profile names its credentials itself: where one is named, variables do not count."""
        administrator = self._cluster.local.administrator
        return (
            f"[profile {region}]\nregion = {region}\nservices = {region}\n"
            f"aws_access_key_id = {administrator.access_key_id}\n"
            f"aws_secret_access_key = {administrator.secret_access_key}\n"
            f"[services {region}]\nkms =\n  endpoint_url = {self._cluster.endpoint(region)}\n"
        )


def tool(name: str) -> Path:
    """A command of the clients' own environment."""
    path = CACHE / "clients/bin" / name
    assert path.exists(), f"{path} is not there: run `make clients`"
    return path

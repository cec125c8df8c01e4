"""The AWS CLI as a person uses it: `aws kms COMMAND --endpoint-url …`, JSON back."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from botocore import xform_name

from tests.harness.cluster import Cluster

AWS: Final = (sys.executable, "-m", "awscli")
SERVER: Final = (sys.executable, "-m", "tests.compat.aws_cli_server")


class Cli:
    """`aws kms` against the regions of a cluster; remembers which commands were answered."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster = cluster
        self._folder = folder
        self._files = 0
        self.used: set[str] = set()
        self._server = subprocess.Popen(
            SERVER,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Cli:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.kill()
        self._server.communicate()

    def run(self, region: str, command: str, *words: str) -> Any:
        """One command and its answer. Fails the test when it fails."""
        done = self._done(region, command, words)
        assert done["status"] == 0, f"aws kms {command} {words}: {done['errors']}"
        self.used.add(command)
        return json.loads(done["output"]) if done["output"].strip() else None

    def refused(self, region: str, command: str, *words: str) -> str:
        """What it says of a command that the region refuses."""
        done = self._done(region, command, words)
        assert done["status"] != 0, f"aws kms {command} {words} was answered"
        return str(done["errors"])

    def refuses(self, code: str, region: str, command: str, *words: str) -> None:
        """A command that a region without what it asks for refuses with this error, and that has
        been tried by this.
        """
        said = self.refused(region, command, *words)
        assert code in said, said
        self.used.add(command)

    def run_alone(self, region: str, command: str, *words: str) -> Any:
        """The same as a process of its own."""
        line = [*AWS, *self._words(region, command, words)]
        return json.loads(subprocess.check_output(line, env=self._environment(), timeout=60))

    def file(self, content: bytes) -> str:
        """The `fileb://` of a new file with this content."""
        self._files += 1
        path = self._folder / f"{self._files}"
        path.write_bytes(content)
        return f"fileb://{path}"

    def commands(self) -> set[str]:
        """The commands of KMS that this AWS CLI knows, as it tells who asks for another."""
        told = self.refused(self._cluster.names[0], "no-such-command")
        _, _, choices = told.partition("valid choices are:")
        return set(re.findall(r"[a-z]+(?:-[a-z]+)*", choices)) - {"help"}

    def _done(self, region: str, command: str, words: tuple[str, ...]) -> dict[str, Any]:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(self._words(region, command, words)) + "\n")
        self._server.stdin.flush()
        answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        return answer

    def _words(self, region: str, command: str, words: tuple[str, ...]) -> list[str]:
        place = ("--endpoint-url", self._cluster.endpoint(region), "--region", region)
        return ["kms", command, *words, *place, "--output", "json"]

    def _environment(self) -> dict[str, str]:
        """The administrator's credentials, and nothing that a person has configured for AWS."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {
            "AWS_ACCESS_KEY_ID": self._cluster.local.administrator.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self._cluster.local.administrator.secret_access_key,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
        }


def command_of(operation: str) -> str:
    """The command of an operation, such as create-key of CreateKey."""
    return str(xform_name(operation, "-"))

"""What the steps of the story share: the cluster, the clients, the narrator, and what was made.

The notes are filled in by the steps, in the order of the story; a step that reads one runs after
the step that wrote it (`story.py` keeps the order).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from node.cli.demo.narrator import Narrator
from node.cluster import LocalCluster

__all__ = ["Notes", "Stage", "StepFailed", "expect_refusal", "must"]


class StepFailed(Exception):
    """Something did not happen as the story says; the text says what."""


@dataclass(slots=True)
class Notes:
    """What the steps made and later steps need."""

    key_id: str = ""
    digest: str = ""
    meanwhile: bytes = b""  # encrypted in eu-west-1 while us-east-1 was dead


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story is played: three regions, one client each, and a folder for its files."""

    cluster: LocalCluster
    clients: Mapping[str, Any]
    narrator: Narrator
    folder: Path
    home: str  # where the key is created, and which is lost
    others: tuple[str, str]
    notes: Notes = field(default_factory=Notes)

    def arn(self, region: str) -> str:
        """The story's key in one region."""
        account = self.cluster.administrator.account
        return f"arn:aws:kms:{region}:{account}:key/{self.notes.key_id}"

    @property
    def plain_file(self) -> Path:
        return self.folder / "ledger.bin"

    @property
    def encrypted_file(self) -> Path:
        return self.folder / "ledger.bin.encrypted"


def must(condition: bool, otherwise: str) -> None:
    """Raise StepFailed, with what is wrong, unless the condition holds."""
    if not condition:
        raise StepFailed(otherwise)


def expect_refusal(code: str, call: Callable[[], object]) -> str:
    """Make a call that must be refused with this error code, and give the code back."""
    try:
        call()
    except ClientError as error:
        answered = str(error.response["Error"]["Code"])
        must(answered == code, f"it was refused with {answered}, and not with {code}")
        return answered
    raise StepFailed(f"it was answered, and not refused with {code}")

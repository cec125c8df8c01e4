"""What a run found, as one value, and the files that tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.sections.section import Found
from bench.summary import Sample, Summary


@dataclass(frozen=True, slots=True)
class Report:
    """Conditions, every sample, and what they come to."""

    conditions: Mapping[str, str]
    summaries: Sequence[Summary]
    samples: Sequence[Sample]
    sections: Sequence[Found] = ()

    @property
    def failures(self) -> int:
        """Requests that did not succeed, in all cells and rounds together."""
        return sum(summary.failures for summary in self.summaries)

    @property
    def complete(self) -> bool:
        """Whether no request failed, and no section."""
        return not self.failures and not any(found.failed for found in self.sections)


def as_json(report: Report) -> str:
    """All of it, for programs."""
    return msgspec.json.format(msgspec.json.encode(report)).decode() + "\n"


def write(folder: Path, name: str, texts: Mapping[str, str]) -> None:
    """Write `name` with each suffix (`.md`, `.json`, `.svg`) into a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, text in texts.items():
        (folder / name).with_suffix(suffix).write_text(text, encoding="utf-8")

"""The one error of the settings: a sentence for the person who wrote the file."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SettingsError"]


class SettingsError(Exception):
    """A file that the node cannot start from.

    The text is one sentence that names the file, the setting in it, what is wrong and what to do
    next. It never repeats a secret, nor a value that may hold one.
    """

    @classmethod
    def about(cls, path: Path, setting: str | None, problem: str, remedy: str) -> SettingsError:
        """Put the four parts of the sentence in their order; `setting` may be absent."""
        place = f"{path}: {setting}" if setting else f"{path}"
        return cls(f"{place} {problem}; {remedy}.")

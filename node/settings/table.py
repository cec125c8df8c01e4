"""Typed reading of one TOML table: every value is asked for by name and kind.

A `Table` hands out values and remembers which names were asked for, so that `finish` can refuse
what is left: a setting that nobody reads is a mistake by the person who wrote it, and silence
would let it stand. Every refusal is a `SettingsError` that says the file and the setting.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from node.settings.errors import SettingsError

__all__ = ["Table", "read_toml"]

Value = TypeVar("Value")

_KINDS: Mapping[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def read_toml(path: Path) -> Table:
    """Read a TOML file (toml.io, v1.0) whole.

    Raises SettingsError when it is missing, unreadable, or not TOML.
    """
    return Table(path, "", _parsed(path, _text(path)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        remedy = "check the path, or make a cluster with `keyspan init DIR`"
        raise SettingsError.about(path, None, "does not exist", remedy) from None
    except UnicodeDecodeError:
        raise SettingsError.about(path, None, "is not UTF-8 text", "TOML must be") from None
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise SettingsError.about(path, None, reason, "check its owner and its mode") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = f"is not valid TOML ({error})"
        raise SettingsError.about(path, None, problem, "correct that place") from None


class Table:
    """One table of a file; `prefix` is its place in it, such as `regions.us-east-1.`."""

    def __init__(self, path: Path, prefix: str, values: Mapping[str, Any]) -> None:
        self.path = path
        self._prefix = prefix
        self._values = values
        self._asked: dict[str, None] = {}

    def text(self, name: str) -> str:
        """A text that must be there and must not be empty."""
        value: str = self._typed(name, str)
        if not value.strip():
            raise self.error(name, "is empty", "give it a value")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts that must be there and must not be empty."""
        values: list[Any] = self._typed(name, list)
        if not values or not all(isinstance(each, str) and each for each in values):
            raise self.error(name, "must be a list of texts with at least one in it", "correct it")
        return tuple(values)

    def integer(self, name: str, default: int, least: int) -> int:
        """A whole number that may be absent, and is at least `least`."""
        return int(self._number(name, int, default, least))

    def number(self, name: str, default: float, least: float) -> float:
        """A number that may be absent, and is at least `least`."""
        return float(self._number(name, float, default, least))

    def table(self, name: str) -> Table:
        """A table within this one that must be there."""
        return Table(self.path, f"{self._prefix}{name}.", self._typed(name, dict))

    def optional_table(self, name: str) -> Table:
        """A table within this one; one that is absent reads as empty."""
        self._asked[name] = None
        return self.table(name) if name in self._values else Table(self.path, f"{name}.", {})

    def know(self, name: str) -> None:
        """Count a setting among those that there are, also where it is absent."""
        self._asked[name] = None

    def names(self) -> tuple[str, ...]:
        """The names in this table, in the order of the file."""
        return tuple(self._values)

    def finish(self) -> None:
        """Refuse, by name, the first setting that nobody asked for."""
        unknown = [name for name in self._values if name not in self._asked]
        if not unknown:
            return
        close = difflib.get_close_matches(unknown[0], self._asked, n=1)
        known = ", ".join(self._asked)
        remedy = f"perhaps it should be {close[0]}" if close else f"the settings here are {known}"
        raise self.error(unknown[0], "is not a setting that Keyspan knows", remedy)

    def error(self, name: str, problem: str, remedy: str) -> SettingsError:
        """A SettingsError about one setting of this table."""
        return SettingsError.about(self.path, f"{self._prefix}{name}", problem, remedy)

    def parsed(self, name: str, parse: Callable[[str], Value], remedy: str) -> Value:
        """A text put through `parse`; its ValueError's text becomes the problem."""
        try:
            return parse(self.text(name))
        except ValueError as error:
            raise self.error(name, str(error), remedy) from None

    def _number(self, name: str, kind: type, default: Any, least: float) -> Any:
        self._asked[name] = None
        if name not in self._values:
            return default
        value = self._typed(name, kind)
        if not least <= value < float("inf"):  # also refuses nan, which TOML can write
            raise self.error(name, f"is {value}", f"give at least {least}")
        return value

    def _typed(self, name: str, kind: type) -> Any:
        self._asked[name] = None
        if name not in self._values:
            raise self.error(name, "is missing", f"add it as {_KINDS[kind]}")
        value = self._values[name]
        accepted = (int, float) if kind is float else (kind,)
        if not isinstance(value, accepted) or isinstance(value, bool):
            raise self.error(name, f"must be {_KINDS[kind]}", "correct it")
        return value

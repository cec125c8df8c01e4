"""Reading a TOML file that people write: what is wrong with it, as one sentence with its line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from node.seeds.lines import Path as Place
from node.seeds.lines import line_of, lines_of
from node.settings import SettingsError

_AT_LINE: Final = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end .*)\)")
_UNFIT: Final = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?", re.DOTALL)
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_FIELD: Final = re.compile(
    r"Object (?P<how>contains unknown|missing required) field `(?P<name>.*)`"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """The parts of a sentence: where, what is wrong, and what to do about it."""

    place: Place
    what: str
    remedy: str


def text_of(path: Path, named_by: str) -> str:
    """The text of a file. Raises SettingsError; `named_by` is what gave its path."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{path} does not exist; check the path of {named_by}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text; it must be.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}); check it.") from None


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The document of a TOML text. Raises SettingsError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.fullmatch(str(error))
        what = str(error) if found is None else found["what"]
        line = found["line"] if found is not None and found["line"] else text.count("\n") + 1
        raise SettingsError(
            f"{path}, line {line}: this is not valid TOML ({what}); correct that place."
        ) from None


def told(path: Path, text: str, problem: Problem) -> SettingsError:
    """A problem of a TOML text as one sentence."""
    line = line_of(problem.place, lines_of(text))
    return SettingsError(f"{path}, line {line}: {sentence(problem)}")


def sentence(problem: Problem) -> str:
    """A problem as a sentence without its line."""
    return f"{shown(problem.place)} {problem.what}; {problem.remedy}."


def unfit(message: str, known: Callable[[Place], Sequence[str]]) -> Problem:
    """What msgspec says of a document, as a problem. `known`: the members that a place may have."""
    found = _UNFIT.fullmatch(message)
    what, path = (message, "") if found is None else (found["what"], found["path"] or "")
    place: Place = tuple(name if name else int(number) for name, number in _STEP.findall(path))
    field = _FIELD.fullmatch(what)
    if field is None:
        return Problem(place, f"is of the wrong kind ({what.replace('`', '')})", "correct it")
    if field["how"] == "missing required":
        return Problem(place, f"has no {field['name']}", "add it")
    members = known(place)
    close = difflib.get_close_matches(field["name"], members, n=1)
    remedy = f"perhaps it should be {close[0]}" if close else f"there are {', '.join(members)}"
    return Problem((*place, field["name"]), "is not known", remedy)


def shown(place: Place) -> str:
    """A place as it is written in code, places in lists from 0: keys[1].tags.team."""
    name = ""
    for step in place:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name or "the file"

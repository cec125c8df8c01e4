"""From a seed file to a seed that this cluster can hold, or one sentence with the line of what is
wrong."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from node.seeds.check import Problem, problems
from node.seeds.document import Seed, SeedAccount, SeedKey
from node.seeds.lines import Path as Place
from node.seeds.lines import line_of, lines_of
from node.settings import SettingsError

_AT_LINE: Final = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end .*)\)")
_UNFIT: Final = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_FIELD: Final = re.compile(
    r"Object (?P<how>contains unknown|missing required) field `(?P<name>.*)`"
)
_FIELDS: Final = {
    "accounts": SeedAccount.__struct_fields__,
    "keys": SeedKey.__struct_fields__,
}


def read_seed(path: Path, *, account: str, regions: Sequence[str]) -> Seed:
    """The seed of a file, with its defaults filled in: the cluster's account and first region.

    Raises SettingsError, one sentence with a line, for the first thing that is wrong.
    """
    text = _text(path)
    document = _parsed(path, text)

    def told(problem: Problem) -> SettingsError:
        line = line_of(problem.place, lines_of(text))
        name = _shown(problem.place)
        return SettingsError(f"{path}, line {line}: {name} {problem.what}; {problem.remedy}.")

    try:
        seed = msgspec.convert(document, Seed)
    except msgspec.ValidationError as error:
        raise told(_unfit(str(error))) from None
    seed = _filled(seed, account, regions[0])
    for problem in problems(seed, account, regions):
        raise told(problem)
    return seed


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{path} does not exist; check the path of --seed.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text; TOML must be.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}); check it.") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.fullmatch(str(error))
        what = str(error) if found is None else found["what"]
        line = found["line"] if found is not None and found["line"] else text.count("\n") + 1
        raise SettingsError(
            f"{path}, line {line}: this is not valid TOML ({what}); correct that place."
        ) from None


def _unfit(message: str) -> Problem:
    """What msgspec says of a document that is no seed, as a problem."""
    found = _UNFIT.fullmatch(message)
    what, path = (message, "") if found is None else (found["what"], found["path"] or "")
    place: Place = tuple(name if name else int(number) for name, number in _STEP.findall(path))
    field = _FIELD.fullmatch(what)
    if field is None:
        return Problem(place, f"is of the wrong kind ({what.replace('`', '')})", "correct it")
    if field["how"] == "missing required":
        return Problem(place, f"has no {field['name']}", "add it")
    known = _FIELDS[str(place[0])] if place else Seed.__struct_fields__
    close = difflib.get_close_matches(field["name"], known, n=1)
    remedy = f"perhaps it should be {close[0]}" if close else f"there are {', '.join(known)}"
    return Problem((*place, field["name"]), "is not known", remedy)


def _filled(seed: Seed, account: str, region: str) -> Seed:
    keys = [
        msgspec.structs.replace(key, account=key.account or account, region=key.region or region)
        for key in seed.keys
    ]
    return msgspec.structs.replace(seed, keys=keys)


def _shown(place: Place) -> str:
    """A place as it is written in code, places in lists from 0: keys[1].tags.team."""
    name = ""
    for step in place:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name or "the file"

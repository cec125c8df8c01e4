"""From a file of principals to what is asked of a node, or one sentence about what is wrong.

TOML, or JSON where the name ends in .json. Policy documents are JSON texts, or tables as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from node.access.document import identity_policy, trust_policy
from node.model.errors import KmsError
from node.operations.iam.wanted import (
    Wanted,
    WantedGroup,
    WantedKey,
    WantedPolicy,
    WantedRole,
    WantedUser,
)
from node.seeds.lines import Path as Place
from node.seeds.toml_file import Problem, parsed, sentence, text_of, told, unfit
from node.settings import SettingsError

_KINDS: Final = {
    "groups": WantedGroup,
    "policies": WantedPolicy,
    "roles": WantedRole,
    "users": WantedUser,
}
_DOCUMENTS: Final = ("document", "trust")


def read_principals(path: Path) -> Wanted:
    """What a file asks for. Raises SettingsError, one sentence, for the first thing wrong."""
    text = text_of(path, "the file")
    is_json = path.suffix.lower() == ".json"
    document = _json(path, text) if is_json else parsed(path, text)

    def refused(problem: Problem) -> SettingsError:
        if is_json:
            return SettingsError(f"{path}: {sentence(problem)}")
        return told(path, text, problem)

    try:
        wanted = msgspec.convert(_with_texts(document), Wanted)
    except msgspec.ValidationError as error:
        raise refused(unfit(str(error), _members)) from None
    for problem in _problems(wanted):
        raise refused(problem)
    return wanted


def _json(path: Path, text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        what = f"{path}, line {line}: this is not valid JSON; correct that place."
        raise SettingsError(what) from None
    if not isinstance(document, dict):
        raise SettingsError(f"{path} is not a JSON object; give one with users, groups, roles.")
    return document


def _members(place: Place) -> Sequence[str]:
    """The members that there may be at a place of a file."""
    if not place:
        return Wanted.__struct_fields__
    if "access_keys" in place:
        return WantedKey.__struct_fields__
    return _KINDS[str(place[0])].__struct_fields__


def _with_texts(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every policy as a text."""
    return {
        name: [_one_with_texts(each) for each in held]
        if name in _KINDS and isinstance(held, list)
        else held
        for name, held in document.items()
    }


def _one_with_texts(entity: Any) -> Any:
    if not isinstance(entity, dict):
        return entity
    found = dict(entity)
    for name in _DOCUMENTS:
        if name in found:
            found[name] = _text(found[name])
    if isinstance(found.get("policies"), dict):
        found["policies"] = {name: _text(each) for name, each in found["policies"].items()}
    return found


def _text(policy: Any) -> Any:
    return json.dumps(policy, indent=4, default=str) if isinstance(policy, dict) else policy


def _problems(wanted: Wanted) -> Iterator[Problem]:
    """What a node would refuse whatever is there, with its place."""
    for kind in _KINDS:
        names: set[str] = set()
        for number, each in enumerate(getattr(wanted, kind)):
            if each.name.lower() in names:
                yield Problem((kind, number, "name"), f"{each.name} is there twice", "name it once")
            names.add(each.name.lower())
            yield from _of_documents((kind, number), each)


def _of_documents(place: Place, entity: Any) -> Iterator[Problem]:
    inline = getattr(entity, "policies", None) or {}
    found: dict[Place, str] = {("policies", name): text for name, text in inline.items()}
    if isinstance(entity, WantedPolicy):
        found["document",] = entity.document
    for name, text in found.items():
        yield from _of_document((*place, *name), text, identity_policy)
    if isinstance(entity, WantedRole) and entity.trust is not None:
        yield from _of_document((*place, "trust"), entity.trust, trust_policy)


def _of_document(place: Place, text: str, compiled: Any) -> Iterator[Problem]:
    try:
        compiled(text)
    except KmsError as error:
        yield Problem(place, f"is refused ({error.message.rstrip('.')})", "correct it")

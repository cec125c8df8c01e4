"""The principals of a policy under other names: ARNs as unique IDs, and back.

A policy that is stored with a key or role names users and roles by their unique IDs, so that it is
about them alone, whatever they are called, and not about another one who gets the name later. Who
reads the policy gets their ARNs; those who exist no more show as unique IDs. The rest of the
document stays as it was written.

Source: IAM User Guide, "AWS JSON policy elements: Principal", on unique IDs of deleted principals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

Renaming = Callable[[str], str | None]
"""The other name of a principal; None where it keeps the one that it has."""

_ELEMENTS: Final = ("Principal", "NotPrincipal")
_ELEMENT: Final = re.compile(r'"(?:Not)?Principal"\s*:\s*')
_TEXT: Final = re.compile(r'"([^"\\]*)"')


def renamed(document: str, renaming: Renaming) -> str:
    """The document with its principals renamed. It has to be a policy's."""
    wanted = _in_place(json.loads(document), renaming)
    if wanted is None:
        return document
    text = _as_written(document, renaming)
    return text if json.loads(text) == wanted else json.dumps(wanted, indent=2)


def _in_place(parsed: Any, renaming: Renaming) -> Any:
    """The parsed document with its principals renamed; None if none has another name."""
    statements = parsed["Statement"]
    found = False
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in _ELEMENTS:
            named = statement.get(element)
            if isinstance(named, dict) and "AWS" in named:
                listed = named["AWS"]
                changed = [
                    renaming(each) or each
                    for each in (listed if isinstance(listed, list) else [listed])
                ]
                found |= changed != (listed if isinstance(listed, list) else [listed])
                named["AWS"] = changed if isinstance(listed, list) else changed[0]
    return parsed if found else None


def _as_written(document: str, renaming: Renaming) -> str:
    """The same in the text, which keeps its form: the strings of each Principal element."""
    decoder, pieces, place = json.JSONDecoder(), [], 0
    for element in _ELEMENT.finditer(document):
        if element.end() < place:
            continue
        try:
            _, end = decoder.raw_decode(document, element.end())
        except ValueError:
            continue  # it stands inside of a string
        pieces += [document[place : element.end()]]
        pieces += [
            _TEXT.sub(lambda text: _quoted(text[1], renaming), document[element.end() : end])
        ]
        place = end
    return "".join((*pieces, document[place:]))


def _quoted(text: str, renaming: Renaming) -> str:
    return json.dumps(renaming(text) or text)

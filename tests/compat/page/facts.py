"""What the notes of a run say of each operation, beside botocore's model. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from botocore.model import OperationModel, Shape, StructureShape

from tests.compat.page.recorder import Note

Status = Literal["used", "not looked at", "refused", "never given"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation: what the model has, and what was seen.

    `why` is the error where every call with the parameter was refused; `refused_values` has the
    errors of those values in the model that no call could use.
    """

    name: str
    shape: Shape
    required: bool
    status: Status
    why: str = ""
    refused_values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: whether it is served, and how its calls ended."""

    name: str
    served: bool
    calls: int
    succeeded: int
    parameters: tuple[Parameter, ...]
    answered: tuple[str, ...]  # the members that answers had
    unanswered: tuple[str, ...]  # those of the model that no answer had
    why: str = ""  # the error, where every call was refused

    def having(self, status: Status) -> int:
        """How many of the parameters are so."""
        return sum(parameter.status == status for parameter in self.parameters)


def operation_facts(model: OperationModel, notes: Sequence[Note]) -> Operation:
    """What `notes`, all of one operation, say."""
    shape = model.input_shape
    assert shape is not None
    unavailable = f"{model.name} is not available in Keyspan yet."
    served = any(note.message != unavailable for note in notes)
    told = {name for note in notes for name in note.answer}
    known = tuple(model.output_shape.members) if model.output_shape is not None else ()
    good = sum(note.succeeded for note in notes)
    return Operation(
        name=model.name,
        served=served,
        calls=len(notes),
        succeeded=good,
        parameters=tuple(_parameter(shape, name, notes) for name in shape.members),
        answered=tuple(name for name in known if name in told),
        unanswered=tuple(name for name in known if name not in told),
        why="" if good else error_of(notes[0]),
    )


def error_of(note: Note) -> str:
    """The error of a call that was refused, as the page shows it."""
    return f"{note.code} `{_plain(note)}`" if note.message else note.code


def _parameter(shape: StructureShape, name: str, notes: Sequence[Note]) -> Parameter:
    member = shape.members[name]
    tried = [note for note in notes if name in note.given]
    good = [note for note in tried if note.succeeded]
    required = name in shape.required_members
    if not tried:
        return Parameter(name, member, required, "never given")
    if not good:
        return Parameter(name, member, required, "refused", error_of(tried[0]))
    status: Status = "used" if any(name in note.read for note in good) else "not looked at"
    values = tuple(_refused_values(name, values_of(member), tried))
    return Parameter(name, member, required, status, "", values)


def _refused_values(
    name: str, values: Iterable[str], tried: Sequence[Note]
) -> Iterable[tuple[str, str]]:
    for value in values:
        with_it = [note for note in tried if value in _given(note, name)]
        if with_it and not any(note.succeeded for note in with_it):
            yield value, error_of(with_it[0])


def values_of(shape: Shape) -> Sequence[str]:
    """The values that the model names for a parameter, or for the elements of its list."""
    return getattr(getattr(shape, "member", shape), "enum", ())


def untried_values(parameter: str, shape: Shape, notes: Sequence[Note]) -> set[str]:
    """The values in the model of a parameter that no call gave."""
    return set(values_of(shape)) - {each for note in notes for each in _given(note, parameter)}


def _given(note: Note, name: str) -> list[Any]:
    """The values that a call gave for a parameter; a list's elements are values."""
    value = note.given.get(name)
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str)]
    return [value] if isinstance(value, str) else []


def _plain(note: Note) -> str:
    """The message without what differs from run to run: the ARNs and IDs of keys and the rest."""
    text = _KEY_ID.sub("<key ID>", _KEY_ARN.sub("<key ARN>", note.message))
    return _DIGEST.sub("<ID>", text)


_KEY = r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")  # of a grant, or of key material
_KEY_ID = re.compile(_KEY)
_KEY_ARN = re.compile(rf"arn:aws:kms:[a-z0-9-]+:\d{{12}}:key/{_KEY}")

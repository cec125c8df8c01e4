"""Notes of calls: what was given, what was answered, and which members the operation looked at.

That an operation takes a parameter says little: it may decode it and never look. So each request is
decoded into a shape of the same form that notes who reads its members; reads by the operations and
by access control count, reads by what handles every member alike (repr, audit) do not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import msgspec
from botocore import xform_name
from botocore.exceptions import ClientError

from node.operations.table import operations
from node.wire.messages import Operation

READERS = ("node.access.", "node.operations.")
DRY = "DryRunOperationException"


@dataclass(frozen=True, slots=True)
class Note:
    """One call. `code` is "" where it was answered; `message` is the error's."""

    operation: str
    given: Mapping[str, Any]
    read: frozenset[str]
    code: str = ""
    message: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether the operation did its work, or says that it would have."""
        return self.code in ("", DRY)


class Recorder:
    """Makes calls and keeps their notes. Regions note their reads if assembled `listening`."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self._read: set[str] = set()

    def call(self, client: Any, operation: str, members: Mapping[str, Any]) -> Note:
        """Calls `operation` by a boto3 client, and notes it."""
        self._read.clear()
        note = replace(asked(client, operation, members), read=frozenset(self._read))
        self.notes.append(note)
        return note

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Regions that are assembled in the block note which members their operations read."""

        def noting(*parts: Any) -> Mapping[str, Operation]:
            return {
                target: replace(operation, request=self._noting(operation.request))
                for target, operation in operations(*parts).items()
            }

        with patch("node.assembly.operations", noting):
            yield

    def _noting(self, shape: type[msgspec.Struct]) -> type[msgspec.Struct]:
        """A shape of the same form whose members, when read, are noted by their wire names."""
        wire = {each.name: each.encode_name for each in msgspec.structs.fields(shape)}
        read = self._read

        def note(request: Any, name: str) -> Any:
            if name in wire and sys._getframe(1).f_globals["__name__"].startswith(READERS):
                read.add(wire[name])
            return object.__getattribute__(request, name)

        body = {"__getattribute__": note, "__module__": shape.__module__}
        metaclass: Any = type(shape)
        made: type[msgspec.Struct] = metaclass(
            shape.__name__, (shape,), body, frozen=True, kw_only=True
        )
        return made


def asked(client: Any, operation: str, members: Mapping[str, Any]) -> Note:
    """The note of one call by a boto3 client; who read what is not in it."""
    try:
        answer = getattr(client, xform_name(operation))(**members)
    except ClientError as error:
        said = error.response["Error"]
        return Note(operation, members, frozenset(), said["Code"], said.get("Message", ""))
    answer.pop("ResponseMetadata")
    return Note(operation, members, frozenset(), answer=answer)

"""Reads vector files, and turns them into test parameters whose ID is the file's name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crypto.errors import (
    IncorrectKeyMaterial,
    InvalidCiphertext,
    InvalidImportToken,
    InvalidSignature,
    SealError,
)
from replication.errors import (
    BrokenChain,
    Duplicate,
    Gap,
    LogReplaced,
    Malformed,
    Misaddressed,
    Unauthentic,
)

FOLDER = Path(__file__).parent

ERRORS: Mapping[str, type[Exception]] = {
    error.__name__: error
    for error in (
        BrokenChain,
        Duplicate,
        Gap,
        IncorrectKeyMaterial,
        InvalidCiphertext,
        InvalidImportToken,
        InvalidSignature,
        LogReplaced,
        Malformed,
        Misaddressed,
        SealError,
        TypeError,
        Unauthentic,
        ValueError,
    )
}


@dataclass(frozen=True)
class Vector:
    """One vector: what is expected of it, and its fields."""

    expect: str
    fields: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def raw(self, name: str) -> bytes:
        return bytes.fromhex(self.fields[name])

    @property
    def error(self) -> type[Exception]:
        return ERRORS[self.expect]


def accepted(format_name: str) -> pytest.MarkDecorator:
    """Run a test with every vector of a format that must be accepted."""
    return _parametrize(format_name, lambda vector: vector.expect == "accepted")


def refused(format_name: str) -> pytest.MarkDecorator:
    """Run a test with every vector of a format that must be refused."""
    return _parametrize(format_name, lambda vector: vector.expect != "accepted")


def _parametrize(format_name: str, wanted: Any) -> pytest.MarkDecorator:
    paths = sorted((FOLDER / format_name).glob("*.json"))
    vectors = [pytest.param(read(path), id=path.stem) for path in paths]
    chosen = [each for each in vectors if wanted(each.values[0])]
    assert chosen, f"no such vectors of {format_name}"
    return pytest.mark.parametrize("vector", chosen)


def read(path: Path) -> Vector:
    fields = json.loads(path.read_text("ascii"))
    return Vector(fields.pop("expect"), fields)


def says_nothing(error: BaseException) -> bool:
    """Whether an error gives no reason, in its text or in a cause shown with it."""
    return (
        str(error) == ""
        and error.__cause__ is None
        and error.__suppress_context__ | (error.__context__ is None)
    )

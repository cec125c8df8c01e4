"""A service that nobody has, with members of every kind: as botocore's model, and as our shapes."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from botocore.model import OperationModel, ServiceModel
from hypothesis import strategies as st

from node.wire.shapes import types
from node.wire.shapes.base import ModelShape

NAMESPACE: Final = "https://kinds.test/doc/2026-01-01/"
VERSION: Final = "2026-01-01"


def _shape(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


_MEMBERS: Final = {
    "Text": "String",
    "Count": "Integer",
    "On": "Boolean",
    "At": "Timestamp",
    "Data": "Blob",
    "Names": "Strings",
    "Pairs": "Map",
    "Inner": "Inner",
    "Inners": "Inners",
}
_SHAPES: Final = {
    "String": _shape("string"),
    "Integer": _shape("integer"),
    "Boolean": _shape("boolean"),
    "Timestamp": _shape("timestamp"),
    "Blob": _shape("blob"),
    "Strings": _shape("list", member={"shape": "String"}),
    "Map": _shape("map", key={"shape": "String"}, value={"shape": "String"}),
    "Inner": _shape(
        "structure", members={"Key": {"shape": "String"}, "Lists": {"shape": "Strings"}}
    ),
    "Inners": _shape("list", member={"shape": "Inner"}),
    "All": _shape(
        "structure", members={name: {"shape": shape} for name, shape in _MEMBERS.items()}
    ),
}
MODEL: Final = ServiceModel(
    {
        "metadata": {
            "apiVersion": VERSION,
            "protocol": "query",
            "endpointPrefix": "kinds",
            "xmlNamespace": NAMESPACE,
            "serviceId": "Kinds",
        },
        "operations": {
            "Ask": {
                "name": "Ask",
                "http": {"method": "POST", "requestUri": "/"},
                "input": {"shape": "All"},
                "output": {"shape": "All", "resultWrapper": "AskResult"},
            }
        },
        "shapes": _SHAPES,
    },
    "kinds",
)
ASK: Final[OperationModel] = MODEL.operation_model("Ask")


class Inner(ModelShape, frozen=True, kw_only=True):
    key: str | None = None
    lists: list[str] | None = None


class All(ModelShape, frozen=True, kw_only=True):
    text: str | None = None
    count: int | None = None
    on: bool | None = None
    at: types.Timestamp | None = None
    data: bytes | None = None
    names: list[str] | None = None
    pairs: dict[str, str] | None = None
    inner: Inner | None = None
    inners: list[Inner] | None = None


# What XML 1.0 can hold, but for carriage returns, which a reader makes line feeds
_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12
)
_INNER = st.builds(
    Inner, key=st.none() | _TEXT, lists=st.none() | st.lists(_TEXT, min_size=1, max_size=3)
)
VALUES: Final = st.builds(
    All,
    text=st.none() | _TEXT,
    count=st.none() | st.integers(-(2**31), 2**31 - 1),
    on=st.none() | st.booleans(),
    at=st.none() | st.integers(0, 2**32).map(float),
    data=st.none() | st.binary(max_size=20),
    names=st.none() | st.lists(_TEXT, max_size=12),
    pairs=st.none() | st.dictionaries(_TEXT, _TEXT, min_size=1, max_size=3),
    inner=st.none() | _INNER.filter(lambda inner: inner != Inner()),
    inners=st.none() | st.lists(_INNER.filter(lambda inner: inner != Inner()), max_size=3),
)


def members(value: msgspec.Struct) -> dict[str, Any]:
    """A shape as botocore's callers give it, and as they are given it."""
    plain = msgspec.to_builtins(value, builtin_types=(bytes,))
    return {name: each for name, each in plain.items() if each is not None}

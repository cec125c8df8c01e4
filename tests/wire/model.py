"""botocore's KMS model as an oracle: what a valid request is, and how an invalid one is refused.

Written from the model alone, without our schemas, so that it can disagree with them.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from typing import Any, Literal

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from hypothesis import strategies as st

Verdict = Literal["accepted", "SerializationException", "ValidationException"]

MODEL: ServiceModel = botocore.session.get_session().get_service_model("kms")
CLOUDTRAIL: ServiceModel = botocore.session.get_session().get_service_model("cloudtrail")
STS: ServiceModel = botocore.session.get_session().get_service_model("sts")
IAM: ServiceModel = botocore.session.get_session().get_service_model("iam")

SERVED = (
    "CancelKeyDeletion",
    "ConnectCustomKeyStore",
    "CreateAlias",
    "CreateCustomKeyStore",
    "CreateGrant",
    "CreateKey",
    "Decapsulate",
    "Decrypt",
    "DeleteAlias",
    "DeleteCustomKeyStore",
    "DeleteImportedKeyMaterial",
    "DeriveSharedSecret",
    "DescribeCustomKeyStores",
    "DescribeKey",
    "DisableKey",
    "DisableKeyRotation",
    "DisconnectCustomKeyStore",
    "EnableKey",
    "EnableKeyRotation",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GenerateRandom",
    "GetKeyLastUsage",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "GetParametersForImport",
    "GetPublicKey",
    "ImportKeyMaterial",
    "ListAliases",
    "ListGrants",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListKeys",
    "ListResourceTags",
    "ListRetirableGrants",
    "PutKeyPolicy",
    "ReEncrypt",
    "ReplicateKey",
    "RetireGrant",
    "RevokeGrant",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "Sign",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateCustomKeyStore",
    "UpdateKeyDescription",
    "UpdatePrimaryRegion",
    "Verify",
    "VerifyMac",
)
"""The operations that are served."""

TEXT = st.characters(exclude_categories=["Cs"])  # JSON over UTF-8 cannot hold lone surrogates


@cache
def input_shape(operation: str) -> StructureShape:
    shape = MODEL.operation_model(operation).input_shape
    assert shape is not None
    return shape


COMMON_ERRORS = {"AccessDeniedException", "SerializationException", "ValidationException"}
NOT_IN_THE_MODEL = {"DescribeKey": {"InvalidGrantTokenException"}}
"""Errors of an operation that docs/decisions/0005 tells of."""


@cache
def known_errors(operation: str) -> set[str]:
    """The error types that a client of the operation can know."""
    modelled = {shape.name for shape in MODEL.operation_model(operation).error_shapes}
    return modelled | COMMON_ERRORS | NOT_IN_THE_MODEL.get(operation, set())


# Documents that are right


@cache  # as each draw from a new strategy costs as much as a hundred from one that was used
def valid(shape: Shape) -> st.SearchStrategy[Any]:
    """JSON values that the model accepts for `shape`."""
    strategy: st.SearchStrategy[Any] = _VALID[shape.type_name](shape)
    return strategy


def _valid_string(shape: Shape) -> st.SearchStrategy[str]:
    if shape.enum:
        return st.sampled_from(shape.enum)
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 64)
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return st.text(TEXT, min_size=least, max_size=min(most, least + 32))
    return st.from_regex(_compiled(pattern), fullmatch=True).filter(
        lambda text: least <= len(text) <= most
    )


def _valid_blob(shape: Shape) -> st.SearchStrategy[str]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 64)
    sizes = st.binary(min_size=least, max_size=min(most, least + 48))
    return sizes.map(lambda blob: base64.b64encode(blob).decode())


def _valid_list(shape: ListShape) -> st.SearchStrategy[list[Any]]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 3)
    return st.lists(valid(shape.member), min_size=least, max_size=min(most, 3))


def _valid_map(shape: MapShape) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(valid(shape.key), valid(shape.value), max_size=3)


def _valid_structure(shape: StructureShape) -> st.SearchStrategy[dict[str, Any]]:
    members = {name: valid(member) for name, member in shape.members.items()}
    required = {name: members.pop(name) for name in shape.required_members}
    return st.fixed_dictionaries(required, optional=members)


_VALID: dict[str, Any] = {
    "string": _valid_string,
    "blob": _valid_blob,
    "integer": lambda shape: st.integers(shape.metadata["min"], shape.metadata["max"]),
    "boolean": lambda shape: st.booleans(),
    "timestamp": lambda shape: st.integers(0, 2**40) | st.floats(0, 2**40),
    "list": _valid_list,
    "map": _valid_map,
    "structure": _valid_structure,
}


# Documents that may be wrong


@cache
def anything() -> st.SearchStrategy[Any]:
    """Any JSON value, small enough to be many."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(2**70), 2**70)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(TEXT, max_size=12)
        | st.sampled_from(["", "AAAA", "A" * 2049, "alias/x\n", "SYMMETRIC_DEFAULT", 0, 1025])
    )
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(TEXT, max_size=6), inner, max_size=3)
        ),
        max_leaves=6,
    )


@st.composite
def mutated(draw: st.DrawFn, shape: StructureShape) -> dict[str, Any]:
    """A valid request with up to three changes at any depth."""
    document: dict[str, Any] = draw(valid(shape))
    for _ in range(draw(st.integers(1, 3))):
        _change(draw, shape, document)
    return document


def _change(draw: st.DrawFn, shape: StructureShape, document: dict[str, Any]) -> None:
    """Puts something else in the place of one member, or takes it out, or goes deeper."""
    name = draw(st.sampled_from(sorted(shape.members) or ["Unknown"]))
    member = shape.members.get(name)
    inner = document.get(name)
    if isinstance(member, StructureShape) and isinstance(inner, dict) and draw(st.booleans()):
        _change(draw, member, inner)
    elif isinstance(member, ListShape) and isinstance(inner, list) and inner:
        _change_element(draw, member, inner)
    elif draw(st.integers(0, 4)) == 0:
        document.pop(name, None)
    elif draw(st.integers(0, 9)) == 0:
        document[draw(st.text(TEXT, max_size=8))] = draw(anything())
    else:
        document[name] = draw(anything())


def _change_element(draw: st.DrawFn, shape: ListShape, elements: list[Any]) -> None:
    place = draw(st.integers(0, len(elements) - 1))
    element = elements[place]
    if isinstance(shape.member, StructureShape) and isinstance(element, dict):
        _change(draw, shape.member, element)
    elif draw(st.booleans()):
        elements[place] = draw(anything())
    else:
        elements.extend([element] * 12)


# What the model says of a document


def verdict(shape: Shape, value: Any) -> Verdict:
    """How a request of `shape` is judged: types first, then constraints."""
    if value is None or not _well_typed(shape, value):
        return "SerializationException"
    return "accepted" if _within_limits(shape, value) else "ValidationException"


def _well_typed(shape: Shape, value: Any) -> bool:
    if value is None:
        return True
    if isinstance(shape, StructureShape):
        return isinstance(value, dict) and all(
            _well_typed(member, value.get(name)) for name, member in shape.members.items()
        )
    if isinstance(shape, ListShape):
        return isinstance(value, list) and all(_well_typed(shape.member, each) for each in value)
    if isinstance(shape, MapShape):
        return isinstance(value, dict) and all(
            _well_typed(shape.value, each) for each in value.values()
        )
    if shape.type_name == "blob":
        return isinstance(value, str) and _decoded(value) is not None
    if shape.type_name == "timestamp":
        return type(value) in (int, float)
    return type(value) is {"string": str, "integer": int, "boolean": bool}[shape.type_name]


def _within_limits(shape: Shape, value: Any) -> bool:
    """Of a well-typed value that is not null."""
    if isinstance(shape, StructureShape):
        return all(
            name not in shape.required_members
            if value.get(name) is None
            else _within_limits(member, value[name])
            for name, member in shape.members.items()
        )
    if isinstance(shape, MapShape):
        return all(
            each is not None and _within_limits(shape.value, each) for each in value.values()
        )
    if isinstance(shape, ListShape) and not all(
        each is not None and _within_limits(shape.member, each) for each in value
    ):
        return False
    return _scalar_within_limits(shape, value)


def _scalar_within_limits(shape: Shape, value: Any) -> bool:
    if shape.type_name == "timestamp":
        return True
    if shape.type_name == "blob":
        value = _decoded(value)
    size = value if isinstance(value, int) else len(value)
    if not shape.metadata.get("min", size) <= size <= shape.metadata.get("max", size):
        return False
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not _compiled(pattern).fullmatch(value):
        return False
    return not getattr(shape, "enum", None) or value in shape.enum


def _decoded(text: str) -> bytes | None:
    """Base64 with its padding, as RFC 4648 part 4 has it, and nothing else."""
    if not re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text):
        return None
    return base64.b64decode(text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the model without its anchors, for use with fullmatch, ASCII digits only."""
    return re.compile(pattern.removeprefix("^").removesuffix("$"), re.ASCII)

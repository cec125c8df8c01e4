"""Which errors the operations can answer with, held against botocore's model."""

from __future__ import annotations

from node.operations.resolve import WITHOUT_INVALID_ARN
from tests.wire.model import MODEL, SERVED

KEY_MEMBERS = {"KeyId", "TargetKeyId", "DestinationKeyId"}


def test_the_operations_without_an_invalid_arn_are_those_of_the_model() -> None:
    taking_a_key = {name for name in SERVED if KEY_MEMBERS & {*_members(name)}}
    assert {name for name in taking_a_key if "InvalidArnException" not in _errors(name)} == (
        WITHOUT_INVALID_ARN
    )


def _members(operation: str) -> list[str]:
    return list(MODEL.operation_model(operation).input_shape.members)


def _errors(operation: str) -> set[str]:
    return {shape.name for shape in MODEL.operation_model(operation).error_shapes}

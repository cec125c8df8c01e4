"""Every shape, and the list of operations, held against botocore's KMS model: drift shows here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import msgspec
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from node.wire import operation_names, shapes
from node.wire.schema import Limits, ListOf, MapOf, Member, Scalar, Schema, Structure, structure_of
from node.wire.shapes import cloudtrail
from node.wire.shapes.base import Shape as OurShape
from tests.wire.model import CLOUDTRAIL, MODEL, SERVED

PLACE = "node.wire.shapes"


def our_shapes() -> Iterator[type[msgspec.Struct]]:
    for module in pkgutil.iter_modules(shapes.__path__):
        importlib.import_module(f"{PLACE}.{module.name}")
    of_kms = (each for each in OurShape.__subclasses__() if each.__module__.startswith(PLACE))
    yield from sorted(of_kms, key=lambda shape: shape.__name__)


OURS = {shape.__name__: shape for shape in our_shapes()}


def of_model(shape: Shape) -> Schema:
    """The model's shape in our words."""
    metadata = shape.metadata
    if isinstance(shape, StructureShape):
        return Structure(
            tuple(
                Member(name, name in shape.required_members, of_model(member))
                for name, member in shape.members.items()
            )
        )
    limits = Limits(
        metadata.get("min"),
        metadata.get("max"),
        metadata.get("pattern"),
        metadata.get("sensitive", False),
    )
    if isinstance(shape, ListShape):
        return ListOf(of_model(shape.member), limits)
    if isinstance(shape, MapShape):
        assert limits == Limits()
        assert of_model(shape.key) == Scalar("string", Limits())
        return MapOf(of_model(shape.value))
    return Scalar(shape.type_name, limits, tuple(metadata.get("enum", ())))


@pytest.mark.parametrize("name", OURS)
def test_a_shape_is_the_models(name: str) -> None:
    assert structure_of(OURS[name]) == of_model(MODEL.shape_for(name))


@pytest.mark.parametrize("shape", [cloudtrail.LookupEventsRequest, cloudtrail.LookupEventsResponse])
def test_a_shape_of_cloudtrail_is_its_models(shape: type[msgspec.Struct]) -> None:
    assert structure_of(shape) == of_model(CLOUDTRAIL.shape_for(shape.__name__))


def test_look_ups_are_addressed_as_cloudtrails_model_says() -> None:
    prefix = CLOUDTRAIL.metadata["targetPrefix"]
    assert f"{prefix}.LookupEvents" == cloudtrail.TARGET
    assert CLOUDTRAIL.signing_name == cloudtrail.SERVICE


@pytest.mark.parametrize("operation", SERVED)
def test_an_operation_served_has_its_shapes(operation: str) -> None:
    described = MODEL.operation_model(operation)
    assert described.input_shape.name in OURS
    assert described.output_shape is None or described.output_shape.name in OURS


def test_the_operations_are_the_models() -> None:
    assert frozenset(MODEL.operation_names) == operation_names.OPERATION_NAMES
    assert MODEL.metadata["targetPrefix"] + "." == operation_names.TARGET_PREFIX


def test_an_annotation_without_a_schema_is_refused() -> None:
    class Strange(msgspec.Struct):
        member: complex

    with pytest.raises(TypeError, match="complex"):
        structure_of(Strange)

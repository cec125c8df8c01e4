"""The shapes and the services of the query protocol, held against botocore's models."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from botocore.model import ServiceModel

from node.wire.query.operation_names import OPERATION_NAMES
from node.wire.query.services import IAM, SERVICES, STS, QueryService
from node.wire.schema import structure_of
from node.wire.shapes import iam
from node.wire.shapes.iam.base import IamShape
from node.wire.shapes.sts import StsShape
from tests.unit.wire.test_model import of_model
from tests.wire import model

MODELS = {"sts": model.STS, "iam": model.IAM}
for _module in pkgutil.iter_modules(iam.__path__):
    importlib.import_module(f"{iam.__name__}.{_module.name}")
SHAPES = {shape.__name__: shape for shape in StsShape.__subclasses__()}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_of_sts_is_its_models(name: str) -> None:
    assert structure_of(SHAPES[name]) == of_model(model.STS.shape_for(name))


@pytest.mark.parametrize("shape", IamShape.__subclasses__())
def test_a_shape_of_iam_is_its_models(shape: type[IamShape]) -> None:
    assert structure_of(shape) == of_model(model.IAM.shape_for(shape.__name__))


@pytest.mark.parametrize("name", MODELS)
def test_the_names_of_operations_are_the_models(name: str) -> None:
    assert OPERATION_NAMES[name] == set(MODELS[name].operation_names)


@pytest.mark.parametrize("service", [STS, IAM])
def test_a_service_is_addressed_as_its_model_says(service: QueryService) -> None:
    described: ServiceModel = MODELS[service.name]
    assert described.metadata["protocol"] == "query"
    assert service[:3] == (
        described.signing_name,
        described.api_version,
        described.metadata["xmlNamespace"],
    )
    assert SERVICES[service.name] is service

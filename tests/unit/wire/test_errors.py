"""The one table of errors: complete, the model's names, the model's status."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from node.model import errors
from node.wire.errors import QUERY_ERRORS, WIRE_ERRORS, error_body, wire_error
from tests.wire.model import CLOUDTRAIL, MODEL, SERVED

COMMON = {  # KMS API Reference, "Common Error Types", and those of the AWS front door
    "AccessDeniedException": 400,
    "ExpiredTokenException": 400,
    "IncompleteSignatureException": 400,
    "InvalidSignatureException": 400,
    "MissingAuthenticationTokenException": 400,
    "RequestEntityTooLargeException": 413,
    "RequestTimeoutException": 408,
    "SerializationException": 400,
    "ThrottlingException": 400,
    "UnknownOperationException": 400,
    "UnrecognizedClientException": 400,
    "ValidationException": 400,
}
OF_CLOUDTRAIL = {errors.InvalidLookupAttributes, errors.InvalidNextToken, errors.InvalidTimeRange}
NEEDS_A_CUSTOM_KEY_STORE = ("CloudHsm", "CustomKeyStore", "IncorrectTrustAnchor", "Xks")

ALL = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, errors.KmsError) and error is not errors.KmsError
]


def test_every_error_has_its_row() -> None:
    assert set(WIRE_ERRORS) | set(QUERY_ERRORS) == set(ALL)


@pytest.mark.parametrize("error", WIRE_ERRORS)
def test_names_and_status_are_kms_own(error: type[errors.KmsError]) -> None:
    name, status = WIRE_ERRORS[error]
    if name in COMMON:
        assert status == COMMON[name]
    else:
        model = CLOUDTRAIL if error in OF_CLOUDTRAIL else MODEL
        assert status == (500 if model.shape_for(name)._shape_model.get("fault") else 400)


@pytest.mark.parametrize("operation", SERVED)
def test_an_operation_can_say_all_that_the_model_lets_it_say(operation: str) -> None:
    named = {shape.name for shape in MODEL.operation_model(operation).error_shapes}
    sayable = {each.name for each in WIRE_ERRORS.values()}
    assert all(name.startswith(NEEDS_A_CUSTOM_KEY_STORE) for name in named - sayable)


def test_a_body_has_type_and_message() -> None:
    body = msgspec.json.decode(error_body(errors.NotFound("Key 'x' does not exist")))
    assert body == {"__type": "NotFoundException", "message": "Key 'x' does not exist"}


def test_an_empty_message_is_left_out() -> None:
    assert msgspec.json.decode(error_body(errors.InvalidCiphertext())) == {
        "__type": "InvalidCiphertextException"
    }


def test_a_constant_message_is_there_without_saying() -> None:
    assert "DryRun option is set" in errors.DryRunSucceeded().message
    assert errors.DryRunSucceeded("").message == ""


def test_a_message_with_bytes_that_were_not_utf8_can_be_told() -> None:
    body = error_body(errors.InvalidSignature(b"from \xff".decode("utf-8", "surrogateescape")))
    assert msgspec.json.decode(body)["message"] == "from ?"


def test_status_is_found_by_error() -> None:
    assert wire_error(errors.Internal()) == ("KMSInternalException", 500)


@pytest.mark.parametrize("error", ALL)
def test_every_error_can_be_told_in_either_dialect(error: type[errors.KmsError]) -> None:
    for dialect in ("json", "query"):
        assert 400 <= wire_error(error(), dialect).status < 600


def test_a_dialect_has_its_own_names() -> None:
    assert wire_error(errors.InvalidSignature(), "query") == ("SignatureDoesNotMatch", 403)
    assert wire_error(errors.InvalidSignature()) == ("InvalidSignatureException", 400)

"""What a record shows of requests and responses: everything that is no secret, and nothing else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.audit.catalogue import event_of
from node.audit.parameters import LEFT_OUT, Parameters
from node.operations.seed_requests import SeedAccountRequest
from node.wire.operation_names import OPERATION_NAMES, TARGET_PREFIX
from tests.unit.wire.test_model import OURS
from tests.wire.model import MODEL, valid

FEW = settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
SEALED = "XksProxyAuthenticationCredentialType"  # nothing but secrets, of a form hard to hit upon
for_each_shape = pytest.mark.parametrize("name", sorted(set(OURS) - {SEALED}))


def secret(shape: Shape) -> bool:
    return shape.type_name == "blob" or bool(shape.metadata.get("sensitive"))


def shown(shape: Shape, document: Any) -> Any:
    """What the model lets be shown of a document, in lowerCamel. Written from the model alone."""
    if isinstance(shape, StructureShape):
        return {
            name[:1].lower() + name[1:]: shown(shape.members[name], value)
            for name, value in document.items()
            if name not in LEFT_OUT and may_show(shape.members[name])
        }
    if isinstance(shape, ListShape):
        return [shown(shape.member, each) for each in document]
    return document


def may_show(shape: Shape) -> bool:
    if isinstance(shape, ListShape):
        return may_show(shape.member)
    if isinstance(shape, MapShape):
        return may_show(shape.value)
    return not secret(shape)


def without_times(shape: Shape, value: Any) -> Any:
    """A shown document without its times, which are written as texts."""
    if isinstance(shape, StructureShape):
        members = {name[:1].lower() + name[1:]: each for name, each in shape.members.items()}
        return {
            name: without_times(members[name], each)
            for name, each in value.items()
            if members[name].type_name != "timestamp"
        }
    if isinstance(shape, ListShape):
        return [without_times(shape.member, each) for each in value]
    return value


@for_each_shape
@FEW
@given(data=st.data())
def test_a_shape_shows_what_the_model_does_not_call_secret(name: str, data: st.DataObject) -> None:
    model = MODEL.shape_for(name)
    document = data.draw(valid(model))
    value = msgspec.convert(document, OURS[name], strict=False)
    found = Parameters().of(value)
    assert without_times(model, found) == without_times(model, shown(model, document))


@pytest.mark.parametrize("operation", sorted(OPERATION_NAMES))
def test_what_is_shown_of_a_response_is_a_member_of_it(operation: str) -> None:
    event = event_of(TARGET_PREFIX + operation)
    output = MODEL.operation_model(operation).output_shape
    names = {name[:1].lower() + name[1:] for name in (output.members if output else {})}
    assert set(event.response) <= names
    if event.read_only:
        assert not event.response
        assert not event.answers_key


def test_an_operation_of_keyspan_s_own_shows_the_members_that_are_named_alone() -> None:
    request = SeedAccountRequest(
        account="111122223333",
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="the secret of somebody who seeds",
    )
    event = event_of("Keyspan.SeedAccount")
    found = Parameters().of(request, event.request)
    assert found == {"account": "111122223333", "access_key_id": "AKIAIOSFODNN7EXAMPLE"}


def test_a_shape_that_cannot_be_read_shows_nothing() -> None:
    class Strange(msgspec.Struct):
        secret: complex
        name: str

    assert Parameters().of(Strange(1j, "a name")) == {}


def test_a_structure_of_nothing_but_secrets_shows_nothing() -> None:
    assert all(secret(member) for member in MODEL.shape_for(SEALED).members.values())
    document = {"AccessKeyId": "A" * 24, "RawSecretAccessKey": "b" * 44}
    assert Parameters().of(msgspec.convert(document, OURS[SEALED])) == {}


def test_no_value_shows_nothing() -> None:
    assert Parameters().of(None) is None

"""The forms in which a request names a key, for every operation that takes one."""

from __future__ import annotations

import uuid

import pytest

from node.operations.resolve import WITHOUT_INVALID_ARN
from tests.scenarios.calls import MANAGING, ON_A_KEY, USING, call, key_for, members_for
from tests.scenarios.client import Kms, refused

each_operation = pytest.mark.parametrize("operation", ON_A_KEY)
each_using = pytest.mark.parametrize("operation", USING)
each_managing = pytest.mark.parametrize("operation", MANAGING)
UNKNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab"
FOREIGN = "eu-west-1"
NO_ALIASES = "Key Aliases are not supported for this operation."
ALIASES_OF_ALIASES = ("CreateAlias", "UpdateAlias")


def members(operation: str, kms: Kms) -> dict[str, object]:
    return members_for(operation, kms, key_for(operation, kms))


@each_using
def test_every_form_of_a_key_can_be_used(operation: str, kms: Kms) -> None:
    key_id = key_for(operation, kms)
    name = f"alias/{uuid.uuid4()}"
    kms("CreateAlias", AliasName=name, TargetKeyId=kms.arn(key_id))
    forms = (key_id, kms.arn(key_id), name, kms.alias_arn(name))
    answers = [call(operation, kms, form, members_for(operation, kms, key_id)) for form in forms]
    shown = {answer.get("KeyId") or answer["KeyMetadata"]["Arn"] for answer in answers}
    assert shown == {kms.arn(key_id)}


@each_managing
def test_a_key_is_managed_by_id_and_by_arn(operation: str, kms: Kms) -> None:
    for form in (str, kms.arn):
        key_id = key_for(operation, kms)
        if operation == "CancelKeyDeletion":
            kms("ScheduleKeyDeletion", KeyId=key_id)
        call(operation, kms, form(key_id), members_for(operation, kms, key_id))


@each_managing
def test_no_key_is_managed_by_alias(operation: str, kms: Kms) -> None:
    name = f"alias/{uuid.uuid4()}"
    kms("CreateAlias", AliasName=name, TargetKeyId=kms.key())
    expected = ("InvalidArnException", NO_ALIASES)
    if operation in ALIASES_OF_ALIASES:
        expected = ("ValidationException", "Aliases must refer to keys. Not aliases")
    for form in (name, kms.alias_arn(name), kms.alias_arn("alias/none", FOREIGN)):
        with refused(*expected):
            call(operation, kms, form, members(operation, kms))


@each_operation
def test_an_unknown_key_does_not_exist(operation: str, kms: Kms) -> None:
    for form in (UNKNOWN, kms.arn(UNKNOWN)):
        with refused("NotFoundException", f"Key '{kms.arn(UNKNOWN)}' does not exist"):
            call(operation, kms, form, members(operation, kms))


@each_operation
@pytest.mark.parametrize("garbage", ["fake-key-id", UNKNOWN.replace("-", "")])
def test_garbage_names_nothing(operation: str, garbage: str, kms: Kms) -> None:
    for form in (garbage, kms.arn(garbage)):
        with refused("NotFoundException", f"Invalid keyId '{garbage}'"):
            call(operation, kms, form, members(operation, kms))


@each_operation
def test_an_arn_of_another_region_is_not_found(operation: str, kms: Kms) -> None:
    with refused("NotFoundException", f"Invalid arn {FOREIGN}"):
        call(operation, kms, kms.arn(kms.key(), FOREIGN), members(operation, kms))


@each_operation
@pytest.mark.parametrize("arn", ["arn:", "arn:aws:s3:::bucket", "arn:aws:kms:us-east-1:1:key/"])
def test_a_malformed_arn(operation: str, arn: str, kms: Kms) -> None:
    modelled = operation not in WITHOUT_INVALID_ARN
    with refused("InvalidArnException" if modelled else "NotFoundException", f"Invalid arn {arn}"):
        call(operation, kms, arn, members(operation, kms))


@each_using
def test_an_unknown_alias_is_not_found(operation: str, kms: Kms) -> None:
    name = "alias/unknown"
    for form in (name, kms.alias_arn(name)):
        with refused("NotFoundException", f"Alias {kms.alias_arn(name)} is not found."):
            call(operation, kms, form, members(operation, kms))


@each_operation
def test_a_key_has_a_name(operation: str, kms: Kms) -> None:
    with refused("ValidationException") as caught:
        call(operation, kms, "", members(operation, kms))
    assert "Member must have length greater than or equal to 1" in caught.value.message
    with refused("ValidationException") as caught:
        call(operation, kms, "k" * 2049, members(operation, kms))
    assert "Member must have length less than or equal to 2048" in caught.value.message


def test_an_alias_follows_its_key(kms: Kms) -> None:
    """What was cached for the old target is not used for the new one."""
    first, second = kms.key(), kms.key()
    name = f"alias/{uuid.uuid4()}"
    kms("CreateAlias", AliasName=name, TargetKeyId=first)
    blobs = [kms.encrypt(name)]
    kms("UpdateAlias", AliasName=name, TargetKeyId=second)
    blobs.append(kms.encrypt(name))
    kms("DeleteAlias", AliasName=name)
    with refused("NotFoundException", f"Alias {kms.alias_arn(name)} is not found."):
        kms.encrypt(name)
    opened = [kms("Decrypt", CiphertextBlob=blob)["KeyId"] for blob in blobs]
    assert opened == [kms.arn(first), kms.arn(second)]

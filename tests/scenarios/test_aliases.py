"""CreateAlias, UpdateAlias, DeleteAlias, ListAliases (kms-semantics part g)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.scenarios.client import Kms, refused
from tests.scenarios.region import RegionUnderTest

PREFIX = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)
NOT_A_KEY = "Aliases must refer to keys. Not aliases"


def fresh() -> str:
    return f"alias/{uuid.uuid4()}"


def aliases_of(kms: Kms, key_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kms("ListAliases", KeyId=key_id)["Aliases"]
    return found


def test_an_alias_lives_and_dies(region: RegionUnderTest, kms: Kms) -> None:
    first, second, name = kms.key(), kms.key(), fresh()
    begun = region.clock.now()
    assert kms("CreateAlias", AliasName=name, TargetKeyId=first) == {}
    entry = {
        "AliasName": name,
        "AliasArn": kms.alias_arn(name),
        "TargetKeyId": first,
        "CreationDate": begun,
        "LastUpdatedDate": begun,
    }
    assert aliases_of(kms, first) == [entry]
    region.clock.move(seconds=90)
    assert kms("UpdateAlias", AliasName=name, TargetKeyId=kms.arn(second)) == {}
    assert aliases_of(kms, first) == []
    moved = {**entry, "TargetKeyId": second, "LastUpdatedDate": begun + 90}
    assert aliases_of(kms, kms.arn(second)) == [moved]
    assert kms("DeleteAlias", AliasName=name) == {}
    assert aliases_of(kms, second) == []
    kms("CreateAlias", AliasName=name, TargetKeyId=second)


def test_a_name_is_taken_once(kms: Kms) -> None:
    key_id, name = kms.key(), fresh()
    kms("CreateAlias", AliasName=name, TargetKeyId=key_id)
    text = f"An alias with the name {kms.alias_arn(name)} already exists"
    for target in (key_id, kms.key()):
        with refused("AlreadyExistsException", text):
            kms("CreateAlias", AliasName=name, TargetKeyId=target)
    kms("CreateAlias", AliasName=name.upper().replace("ALIAS", "alias"), TargetKeyId=key_id)


@pytest.mark.parametrize("name", ["orders", "Alias/orders", "alias", "alias/", "/alias/x"])
def test_an_alias_has_its_prefix(kms: Kms, name: str) -> None:
    key_id = kms.key()
    for operation in ("CreateAlias", "UpdateAlias"):
        with refused("ValidationException", PREFIX):
            kms(operation, AliasName=name, TargetKeyId=key_id)
    with refused("ValidationException", PREFIX):
        kms("DeleteAlias", AliasName=name)


@pytest.mark.parametrize("name", ["alias/a b", "alias/ü", "alias/a\n", "", "alias/" + "x" * 251])
def test_an_alias_has_letters_and_a_length(kms: Kms, name: str) -> None:
    with refused("ValidationException") as caught:
        kms("CreateAlias", AliasName=name, TargetKeyId=kms.key())
    assert "at 'aliasName' failed to satisfy constraint" in caught.value.message


def test_the_longest_alias(kms: Kms) -> None:
    name = "alias/" + str(uuid.uuid4()) + "x" * (250 - 36)
    key_id = kms.key()
    kms("CreateAlias", AliasName=name, TargetKeyId=key_id)
    assert kms.decrypt(kms.encrypt(name))


def test_names_of_aws_are_reserved(kms: Kms) -> None:
    name, key_id = "alias/aws/orders", kms.key()
    with refused(
        "InvalidAliasNameException",
        "alias/aws/orders is reserved: aliases of AWS begin with alias/aws/.",
    ):
        kms("CreateAlias", AliasName=name, TargetKeyId=key_id)
    missing = f"Alias {kms.alias_arn(name)} is not found."
    with refused("NotFoundException", missing):
        kms("UpdateAlias", AliasName=name, TargetKeyId=key_id)
    with refused("NotFoundException", missing):
        kms("DeleteAlias", AliasName=name)


def test_an_alias_that_is_not_there(kms: Kms) -> None:
    name = fresh()
    missing = f"Alias {kms.alias_arn(name)} is not found."
    with refused("NotFoundException", missing):
        kms("DeleteAlias", AliasName=name)
    with refused("NotFoundException", missing):
        kms("UpdateAlias", AliasName=name, TargetKeyId=kms.key())


def test_an_alias_names_a_key_and_no_alias(kms: Kms) -> None:
    name = fresh()
    kms("CreateAlias", AliasName=name, TargetKeyId=kms.key())
    for operation in ("CreateAlias", "UpdateAlias"):
        with refused("ValidationException", NOT_A_KEY):
            kms(operation, AliasName=fresh(), TargetKeyId=name)


def test_a_key_has_fifty_aliases_at_most(kms: Kms) -> None:
    full, other = kms.key(), kms.key()
    names = [fresh() for _ in range(50)]
    for name in names:
        kms("CreateAlias", AliasName=name, TargetKeyId=full)
    text = f"{kms.arn(full)} has 50 aliases, which is the limit."
    with refused("LimitExceededException", text):
        kms("CreateAlias", AliasName=fresh(), TargetKeyId=full)
    spare = fresh()
    kms("CreateAlias", AliasName=spare, TargetKeyId=other)
    with refused("LimitExceededException", text):
        kms("UpdateAlias", AliasName=spare, TargetKeyId=full)
    kms("UpdateAlias", AliasName=names[0], TargetKeyId=full)  # where it is already
    kms("DeleteAlias", AliasName=names[0])
    kms("UpdateAlias", AliasName=spare, TargetKeyId=full)


def test_an_alias_can_move_away_from_a_key_that_is_going(kms: Kms) -> None:
    """Note 10 of the table of key states: only the destination must stay."""
    going, stays, name = kms.key(), kms.key(), fresh()
    kms("CreateAlias", AliasName=name, TargetKeyId=going)
    kms("ScheduleKeyDeletion", KeyId=going)
    kms("UpdateAlias", AliasName=name, TargetKeyId=stays)
    with refused("KMSInvalidStateException", f"{kms.arn(going)} is pending deletion."):
        kms("UpdateAlias", AliasName=name, TargetKeyId=going)
    assert kms.decrypt(kms.encrypt(name))


@pytest.mark.parametrize(
    "other",
    [
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    ],
)
def test_an_alias_does_not_move_to_a_key_of_another_kind(kms: Kms, other: dict[str, str]) -> None:
    name = fresh()
    kms("CreateAlias", AliasName=name, TargetKeyId=kms.key())
    with refused(
        "ValidationException",
        f"Alias {kms.alias_arn(name)} cannot be moved to a KMS key of another type or usage.",
    ):
        kms("UpdateAlias", AliasName=name, TargetKeyId=kms.key(**other))


def test_aliases_go_with_their_key(region: RegionUnderTest, kms: Kms) -> None:
    key_id, name = kms.key(), fresh()
    kms("CreateAlias", AliasName=name, TargetKeyId=key_id)
    assert kms.metadata(name)["KeyId"] == key_id
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    with refused("KMSInvalidStateException", f"{kms.arn(key_id)} is pending deletion."):
        kms.encrypt(name)
    region.clock.move(days=7)
    region.step_schedule()
    with refused("NotFoundException", f"Alias {kms.alias_arn(name)} is not found."):
        kms.encrypt(name)
    again = kms.key()
    kms("CreateAlias", AliasName=name, TargetKeyId=again)
    assert kms.metadata(name)["KeyId"] == again


def test_aliases_of_two_accounts_do_not_meet(kms: Kms, stranger: Kms) -> None:
    name = fresh()
    mine, theirs = kms.key(), stranger.key()
    kms("CreateAlias", AliasName=name, TargetKeyId=mine)
    stranger("CreateAlias", AliasName=name, TargetKeyId=theirs)
    assert kms.metadata(name)["KeyId"] == mine
    assert stranger.metadata(name)["KeyId"] == theirs
    stranger("DeleteAlias", AliasName=name)
    assert kms.metadata(name)["KeyId"] == mine


def test_manual_rotation_by_moving_an_alias(kms: Kms) -> None:
    """KMS Developer Guide, "Rotate keys manually": old ciphertexts name their key themselves."""
    old, new = kms.key(), kms.key()
    kms("CreateAlias", AliasName="alias/current", TargetKeyId=old)
    before = kms.encrypt("alias/current")
    kms("UpdateAlias", AliasName="alias/current", TargetKeyId=new)
    after = kms("Encrypt", KeyId="alias/current", Plaintext=b"attack at dawn")
    assert after["KeyId"] == kms.arn(new)
    assert kms("Decrypt", CiphertextBlob=before)["KeyId"] == kms.arn(old)
    assert kms.decrypt(after["CiphertextBlob"], KeyId="alias/current") == b"attack at dawn"
    with refused("IncorrectKeyException"):
        kms.decrypt(before, KeyId="alias/current")
    moved = kms("ReEncrypt", CiphertextBlob=before, DestinationKeyId="alias/current")
    assert kms.decrypt(moved["CiphertextBlob"], KeyId="alias/current") == b"attack at dawn"

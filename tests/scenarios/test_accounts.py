"""Two accounts in one region: neither sees, uses or changes what is the other's."""

from __future__ import annotations

import pytest

from tests.scenarios.calls import ON_A_KEY, call, key_for, members_for
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import ACCOUNT, OTHER_ACCOUNT, RegionUnderTest

each_operation = pytest.mark.parametrize("operation", ON_A_KEY)
ACTIONS = {"ReEncrypt": "ReEncryptTo"}


def denied(caller: Kms, action: str, resource: str) -> str:
    return (
        f"User: {caller.principal_arn} is not authorized to perform: kms:{action} on resource: "
        f"{resource} because no resource-based policy allows the kms:{action} action"
    )


@each_operation
def test_the_arn_of_anothers_key_is_denied(
    operation: str, region: RegionUnderTest, kms: Kms, stranger: Kms
) -> None:
    key_id = key_for(operation, kms)
    members = members_for(operation, kms, key_id)
    if operation == "UpdateAlias":
        members = members_for(operation, stranger, stranger.key())
    before = region.stored(key_id)
    with refused(
        "AccessDeniedException",
        denied(stranger, ACTIONS.get(operation, operation), kms.arn(key_id)),
    ):
        call(operation, stranger, kms.arn(key_id), members)
    assert region.stored(key_id) == before


@each_operation
def test_the_id_of_anothers_key_names_nothing(operation: str, kms: Kms, stranger: Kms) -> None:
    """A key ID alone is one of the caller's own account."""
    key_id = key_for(operation, kms)
    members = members_for(operation, kms, key_id)
    if operation == "UpdateAlias":
        members = members_for(operation, stranger, stranger.key())
    with refused("NotFoundException", f"Key '{stranger.arn(key_id)}' does not exist"):
        call(operation, stranger, key_id, members)


def test_the_alias_of_another_account_is_denied_by_arn_and_unknown_by_name(
    kms: Kms, stranger: Kms
) -> None:
    key_id = kms.key()
    kms("CreateAlias", AliasName="alias/mine", TargetKeyId=key_id)
    with refused("AccessDeniedException", denied(stranger, "Encrypt", kms.arn(key_id))):
        stranger.encrypt(kms.alias_arn("alias/mine"))
    with refused("NotFoundException", f"Alias {stranger.alias_arn('alias/mine')} is not found."):
        stranger.encrypt("alias/mine")
    for operation in ("DeleteAlias", "UpdateAlias"):
        target = {"TargetKeyId": stranger.key()} if operation == "UpdateAlias" else {}
        with refused("NotFoundException"):
            stranger(operation, AliasName="alias/mine", **target)


def test_the_ciphertext_of_another_account_is_denied_without_a_word_about_its_key(
    kms: Kms, stranger: Kms
) -> None:
    """The same text as for a key that does not exist: nobody learns which keys there are."""
    blob = kms.encrypt(kms.key())
    unknown = bytearray(blob)
    unknown[1:37] = b"1234abcd-12ab-34cd-56ef-1234567890ab"
    texts = []
    for ciphertext in (blob, bytes(unknown)):
        with refused("AccessDeniedException") as caught:
            stranger.decrypt(ciphertext)
        texts.append(caught.value.message)
        with refused("AccessDeniedException"):
            stranger("ReEncrypt", CiphertextBlob=ciphertext, DestinationKeyId=stranger.key())
    assert len(set(texts)) == 1
    assert kms.account not in texts[0]


def test_the_ciphertext_of_another_account_under_a_key_of_ones_own(kms: Kms, stranger: Kms) -> None:
    blob = kms.encrypt(kms.key())
    with refused("IncorrectKeyException"):
        stranger.decrypt(blob, KeyId=stranger.key())


def test_keys_belong_to_the_account_that_makes_them(kms: Kms, stranger: Kms) -> None:
    assert {kms.account, stranger.account} == {ACCOUNT, OTHER_ACCOUNT}
    for client in (kms, stranger):
        metadata = client("CreateKey")["KeyMetadata"]
        assert metadata["AWSAccountId"] == client.account
        assert metadata["Arn"] == client.arn(metadata["KeyId"])


def test_the_status_is_for_the_cluster_account(stranger: Kms) -> None:
    with refused("AccessDeniedException"):
        stranger.status()

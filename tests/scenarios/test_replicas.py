"""ReplicateKey in three regions: a replica's life, what related keys share and what they do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from node.model.policy import default_key_policy
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import REGIONS, Regions

HOME, NEAR, FAR = REGIONS
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
    }
)
UNKNOWN = "mrk-1234abcd12ab34cd56ef1234567890ab"


def replicated(regions: Regions, *others: str) -> str:
    """A multi-Region key of the first region with replicas in the others, all enabled."""
    key_id = regions[HOME].kms.key(MultiRegion=True)
    for region in others:
        regions[HOME].kms("ReplicateKey", KeyId=key_id, ReplicaRegion=region)
    regions.settle()
    return key_id


def configuration(kms: Kms, key_id: str, kind: str, *replicas: str) -> dict[str, Any]:
    """What DescribeKey shows of a set whose primary is in the first region."""
    return {
        "MultiRegionKeyType": kind,
        "PrimaryKey": {"Arn": kms.arn(key_id, HOME), "Region": HOME},
        "ReplicaKeys": [
            {"Arn": kms.arn(key_id, region), "Region": region} for region in sorted(replicas)
        ],
    }


def test_a_replica_is_creating_and_then_enabled(shared_regions: Regions) -> None:
    home, near = shared_regions[HOME].kms, shared_regions[NEAR].kms
    key_id = home.key(MultiRegion=True, Description="the primary")
    answer = home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
    metadata = answer["ReplicaKeyMetadata"]
    assert "ReplicaTags" not in answer
    assert answer["ReplicaPolicy"] == default_key_policy(home.account)
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Creating", False)
    assert "CurrentKeyMaterialId" not in metadata
    assert metadata["Arn"] == home.arn(key_id, NEAR)
    assert metadata["Description"] == ""
    assert metadata["MultiRegionConfiguration"] == configuration(home, key_id, "REPLICA", NEAR)
    primary = home.metadata(key_id)
    assert primary["MultiRegionConfiguration"] == configuration(home, key_id, "PRIMARY", NEAR)
    shared_regions.settle()
    replica = near.metadata(key_id)
    assert replica == {
        **primary,
        "Arn": near.arn(key_id),
        "Description": "",
        "MultiRegionConfiguration": configuration(near, key_id, "REPLICA", NEAR),
    }


def test_what_one_encrypts_every_other_decrypts(shared_regions: Regions) -> None:
    key_id = replicated(shared_regions, NEAR, FAR)
    clients = [each.kms for each in shared_regions.values()]
    for one in clients:
        blob = one.encrypt(key_id, EncryptionContext={"from": one.region})
        for other in clients:
            opened = other("Decrypt", CiphertextBlob=blob, EncryptionContext={"from": one.region})
            assert opened["Plaintext"] == b"attack at dawn"
            assert opened["KeyId"] == other.arn(key_id)
            with refused("InvalidCiphertextException", ""):
                other.decrypt(blob)


def test_a_replica_gets_the_properties_that_it_was_given(shared_regions: Regions) -> None:
    home = shared_regions[HOME].kms
    key_id = home.key(MultiRegion=True, Policy=POLICY, Tags=[{"TagKey": "p", "TagValue": "1"}])
    tags = [{"TagKey": "r", "TagValue": "2"}]
    answer = home(
        "ReplicateKey",
        KeyId=home.arn(key_id),
        ReplicaRegion=NEAR,
        Policy=POLICY,
        Description="the replica",
        Tags=tags,
        BypassPolicyLockoutSafetyCheck=True,
    )
    assert (answer["ReplicaPolicy"], answer["ReplicaTags"]) == (POLICY, tags)
    shared_regions.settle()
    stored = shared_regions[NEAR].stored(key_id)
    assert (stored.policy, stored.description, stored.tags) == (
        POLICY,
        "the replica",
        (("r", "2"),),
    )


def test_without_wishes_a_replica_has_defaults_and_not_the_primary_s(
    shared_regions: Regions,
) -> None:
    home = shared_regions[HOME].kms
    key_id = home.key(
        MultiRegion=True,
        Policy=POLICY,
        Description="mine",
        Tags=[{"TagKey": "a", "TagValue": ""}],
    )
    home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
    shared_regions.settle()
    stored = shared_regions[NEAR].stored(key_id)
    assert stored.policy == default_key_policy(home.account)
    assert (stored.description, stored.tags) == ("", ())


def test_independent_properties_never_cross(shared_regions: Regions) -> None:
    """Decision D8: nothing of these appears in another region, nor in any log."""
    key_id = replicated(shared_regions, NEAR, FAR)
    before = {name: each.stored(key_id) for name, each in shared_regions.items()}
    for name, changed in shared_regions.items():
        last = {each: shared_regions[each].kms.status()["log"]["last"] for each in REGIONS}
        changed.kms("UpdateKeyDescription", KeyId=key_id, Description=f"in {name}")
        changed.kms("TagResource", KeyId=key_id, Tags=[{"TagKey": name, "TagValue": ""}])
        changed.kms("CreateAlias", AliasName="alias/same-name", TargetKeyId=key_id)
        changed.kms("DisableKey", KeyId=key_id)
        shared_regions.settle()
        assert last == {each: shared_regions[each].kms.status()["log"]["last"] for each in REGIONS}
        for other in set(REGIONS) - {name}:
            assert shared_regions[other].stored(key_id) == before[other]
            assert shared_regions[other].kms.encrypt(key_id)
        with refused("DisabledException", f"{changed.kms.arn(key_id)} is disabled."):
            changed.kms.encrypt(key_id)
        before[name] = changed.stored(key_id)
        changed.kms("EnableKey", KeyId=key_id)
        before[name] = changed.stored(key_id)
        changed.kms("DeleteAlias", AliasName="alias/same-name")
    assert {each.description for each in before.values()} == {f"in {name}" for name in REGIONS}


def test_a_replica_is_deleted_by_itself(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    near = regions[NEAR].kms
    near("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    regions.settle()
    for name in (HOME, FAR):
        assert regions[name].kms.metadata(key_id)["KeyState"] == "Enabled"
    near("CancelKeyDeletion", KeyId=key_id)
    assert near.metadata(key_id)["KeyState"] == "Disabled"


# Refusals


def test_a_region_holds_one_related_key(shared_regions: Regions) -> None:
    """Also one that is not there yet, one that is going, and the primary itself."""
    home = shared_regions[HOME].kms
    key_id = home.key(MultiRegion=True)
    home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
    for _ in range(2):
        for region in (NEAR, HOME):
            with refused("AlreadyExistsException", f"{home.arn(key_id, region)} already exists."):
                home("ReplicateKey", KeyId=key_id, ReplicaRegion=region)
        shared_regions.settle()
    shared_regions[NEAR].kms("ScheduleKeyDeletion", KeyId=key_id)
    with refused("AlreadyExistsException", f"{home.arn(key_id, NEAR)} already exists."):
        home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
    shared_regions[NEAR].kms("CancelKeyDeletion", KeyId=key_id)


def test_a_replica_is_not_replicated(shared_regions: Regions) -> None:
    key_id = replicated(shared_regions, NEAR)
    near = shared_regions[NEAR].kms
    with refused(
        "UnsupportedOperationException",
        f"{near.arn(key_id)} is not a multi-region primary key.",
    ):
        near("ReplicateKey", KeyId=key_id, ReplicaRegion=FAR)


def test_a_single_region_key_is_not_replicated(shared_regions: Regions) -> None:
    home = shared_regions[HOME].kms
    key_id = home.key()
    with refused(
        "UnsupportedOperationException",
        f"{home.arn(key_id)} is not a multi-region primary key.",
    ):
        home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        (
            {"ReplicaRegion": "eu-north-1"},
            "UnsupportedOperationException",
            "eu-north-1 is not a Region of this Keyspan cluster.",
        ),
        ({"Policy": "{"}, "MalformedPolicyDocumentException", "The policy is not valid JSON."),
        (
            {"Tags": [{"TagKey": "a", "TagValue": ""}] * 2},
            "TagException",
            "Duplicate tag keys",
        ),
        (
            {"ReplicaRegion": "nowhere"},
            "ValidationException",
            "1 validation error detected: Value 'nowhere' at 'replicaRegion' failed to satisfy "
            r"constraint: Member must satisfy regular expression pattern: ^([a-z]+-){2,3}\d+$",
        ),
        (
            {"KeyId": UNKNOWN},
            "NotFoundException",
            f"Key 'arn:aws:kms:us-east-1:111122223333:key/{UNKNOWN}' does not exist",
        ),
    ],
)
def test_what_cannot_be_replicated_leaves_nothing(
    shared_regions: Regions, members: dict[str, Any], code: str, message: str
) -> None:
    home = shared_regions[HOME].kms
    key_id = home.key(MultiRegion=True)
    before = shared_regions[HOME].stored(key_id), home.status()["log"]["last"]
    with refused(code, message):
        home("ReplicateKey", **{"KeyId": key_id, "ReplicaRegion": NEAR, **members})
    assert (shared_regions[HOME].stored(key_id), home.status()["log"]["last"]) == before


def test_a_single_region_ciphertext_opens_at_home_alone(shared_regions: Regions) -> None:
    """AccessDenied, not NotFound (kms-semantics part a, what goes wrong)."""
    home, near = shared_regions[HOME].kms, shared_regions[NEAR].kms
    key_id = home.key()
    blob = home.encrypt(key_id)
    with refused("AccessDeniedException") as caught:
        near.decrypt(blob)
    assert "because the resource does not exist in this Region" in caught.value.message
    with refused("NotFoundException", f"Key '{near.arn(key_id)}' does not exist"):
        near.decrypt(blob, KeyId=key_id)
    with refused("NotFoundException", f"Invalid arn {HOME}"):
        near.decrypt(blob, KeyId=home.arn(key_id))


def test_another_account_cannot_replicate(shared_regions: Regions) -> None:
    key_id = shared_regions[HOME].kms.key(MultiRegion=True)
    with refused("AccessDeniedException"):
        shared_regions[HOME].stranger(
            "ReplicateKey", KeyId=shared_regions[HOME].kms.arn(key_id), ReplicaRegion=NEAR
        )


def test_a_replica_belongs_to_the_account_of_its_primary(shared_regions: Regions) -> None:
    home, near = shared_regions[HOME], shared_regions[NEAR]
    key_id = home.stranger.key(MultiRegion=True)
    home.stranger("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
    shared_regions.settle()
    assert near.stranger.decrypt(home.stranger.encrypt(key_id)) == b"attack at dawn"
    with refused("AccessDeniedException"):
        near.kms.encrypt(near.stranger.arn(key_id))

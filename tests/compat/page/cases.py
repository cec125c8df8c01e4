"""How to ask for each case of decision 0005: by its words there, a call that shows it.

A row without a call here is shown on the page as not asked; test_page.py names it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from node.wire.operation_names import TARGET_PREFIX
from tests.compat.page.asks.encryption import DOCUMENT
from tests.compat.page.asks.stores import ANCHOR, HSM, STORE
from tests.compat.page.ground import HOME, NEAR, TEXT, Ground
from tests.compat.page.recorder import Note, asked


def replicate(on: Ground, region: str, **members: Any) -> Note:
    key = on.new_key(**members)
    return asked(on.kms, "ReplicateKey", {"KeyId": key, "ReplicaRegion": region})


def rotate_a_replica(on: Ground) -> Note:
    key = on.replicated_key()
    return asked(on.client(NEAR), "RotateKeyOnDemand", {"KeyId": key})


def use_what_is_scheduled(on: Ground, key: str) -> Note:
    on.kms.schedule_key_deletion(KeyId=key)
    return asked(on.kms, "Encrypt", {"KeyId": key, "Plaintext": TEXT})


def alias_as_key(on: Ground) -> Note:
    on.alias("alias/no-key-id", on.symmetric)
    return asked(on.kms, "EnableKey", {"KeyId": "alias/no-key-id"})


def alias_of_an_alias(on: Ground) -> Note:
    on.alias("alias/first", on.symmetric)
    return asked(on.kms, "CreateAlias", {"AliasName": "alias/b", "TargetKeyId": "alias/first"})


def raw(on: Ground, operation: str, body: bytes) -> Note:
    """What is answered to a body that no client would send."""
    assert on.send is not None
    response = on.send(TARGET_PREFIX + operation, body)
    said = json.loads(response.body)
    return Note(operation, {}, frozenset(), said["__type"], said.get("message", ""))


def describe(on: Ground, key: str) -> Note:
    return asked(on.kms, "DescribeKey", {"KeyId": key})


def update_aws_alias(on: Ground) -> Note:
    on.kms.describe_key(KeyId="alias/aws/ses")
    target = {"AliasName": "alias/aws/ses", "TargetKeyId": on.symmetric}
    return asked(on.kms, "UpdateAlias", target)


def use_managed(on: Ground) -> Note:
    return asked(on.kms, "Encrypt", {"KeyId": "alias/aws/s3", "Plaintext": TEXT})


def change_managed(on: Ground) -> Note:
    key = on.kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]["KeyId"]
    return asked(on.kms, "ScheduleKeyDeletion", {"KeyId": key})


CASES: Mapping[str, Callable[[Ground], Note]] = {
    "ReplicateKey of a single-Region key": lambda on: replicate(on, NEAR),
    "ReplicateKey into the key's own Region": lambda on: replicate(on, HOME, MultiRegion=True),
    "ReplicateKey into a Region that is not in the cluster": lambda on: replicate(
        on, "eu-central-1", MultiRegion=True
    ),
    "Rotation or UpdatePrimaryRegion asked of a replica": rotate_a_replica,
    "A key pending deletion is used": lambda on: use_what_is_scheduled(on, on.new_key()),
    "A primary that waits for its replicas is used": lambda on: use_what_is_scheduled(
        on, on.replicated_key()
    ),
    "CreateAlias under `alias/aws/`": lambda on: asked(
        on.kms, "CreateAlias", {"AliasName": "alias/aws/mine", "TargetKeyId": on.symmetric}
    ),
    "UpdateAlias or DeleteAlias under `alias/aws/`": update_aws_alias,
    "An alias, where a key ID or key ARN is needed": alias_as_key,
    "An alias as the target of an alias": alias_of_an_alias,
    "An ARN that cannot be read": lambda on: asked(on.kms, "EnableKey", {"KeyId": "arn:aws:kms"}),
    "A Recipient": lambda on: asked(
        on.kms, "GenerateRandom", {"NumberOfBytes": 32, "Recipient": DOCUMENT}
    ),
    "Limit above the list's own maximum": lambda on: asked(on.kms, "ListAliases", {"Limit": 101}),
    "A marker that the list never gave": lambda on: asked(on.kms, "ListKeys", {"Marker": "m"}),
    "An encryption context of any size": lambda on: asked(
        on.kms,
        "Encrypt",
        {"KeyId": on.symmetric, "Plaintext": TEXT, "EncryptionContext": {"a": "b" * 500_000}},
    ),
    "`alias/aws/…`, where KMS has no such service": lambda on: describe(on, "alias/aws/mine"),
    "An AWS managed key, used by a principal": use_managed,
    "An AWS managed key, where it would be changed": change_managed,
    "ListAliases, of predefined aliases without a key": lambda on: asked(on.kms, "ListAliases", {}),
    "CreateCustomKeyStore": lambda on: asked(
        on.kms, "CreateCustomKeyStore", {"CustomKeyStoreName": "a store", **HSM, **ANCHOR}
    ),
    "Any other operation on a custom key store": lambda on: asked(
        on.kms, "ConnectCustomKeyStore", STORE
    ),
    "CreateKey with a CustomKeyStoreId": lambda on: asked(
        on.kms, "CreateKey", {"Origin": "AWS_CLOUDHSM", **STORE}
    ),
    "A lone surrogate in JSON": lambda on: raw(on, "DescribeKey", b'{"KeyId":"\\ud800"}'),
}

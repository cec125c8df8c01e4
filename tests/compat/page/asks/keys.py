"""Calls that make, show, change and replicate keys."""

from __future__ import annotations

from tests.compat.page.asks.common import TAGS, Calls, values
from tests.compat.page.ground import FAR, NEAR, Ground
from tests.scenarios.key_specs import ALGORITHMS


def create_key(on: Ground) -> Calls:
    yield {}
    yield {"Description": "a key", "Tags": TAGS, "MultiRegion": True}
    yield {"Policy": on.policy, "BypassPolicyLockoutSafetyCheck": True}
    for member in ("KeySpec", "CustomerMasterKeySpec"):
        for spec in values("CreateKey", member):
            for usage in usages_of(spec)[: 2 if member == "KeySpec" else 1]:
                yield {member: spec, "KeyUsage": usage}
    for origin in values("CreateKey", "Origin"):
        yield {"Origin": origin}
    yield {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1234567890abcdef0"}
    yield {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "cks-1", "XksKeyId": "an-id"}


def usages_of(spec: str) -> list[str]:
    """The usages of a key spec; of one that is not served, one that KMS has for it."""
    served = [usage for each, usage in ALGORITHMS if each == spec]
    return served or ["ENCAPSULATE_DECAPSULATE" if "KEM" in spec else "ENCRYPT_DECRYPT"]


def describe_key(on: Ground) -> Calls:
    yield {"KeyId": on.symmetric}
    yield {"KeyId": on.replicated_key()}
    scheduled = on.new_key()
    on.kms.schedule_key_deletion(KeyId=scheduled)
    yield {"KeyId": scheduled}
    for spec, usage in ALGORITHMS:
        yield {"KeyId": on.keys(spec, usage)}


def get_public_key(on: Ground) -> Calls:
    for spec, usage in ALGORITHMS:
        if spec != "SYMMETRIC_DEFAULT" and not spec.startswith("HMAC"):
            yield {"KeyId": on.keys(spec, usage)}


def enable_key(on: Ground) -> Calls:
    key = on.new_key()
    on.kms.disable_key(KeyId=key)
    yield {"KeyId": key}


def schedule_key_deletion(on: Ground) -> Calls:
    yield {"KeyId": on.new_key()}
    yield {"KeyId": on.new_key(), "PendingWindowInDays": 7}
    yield {"KeyId": on.replicated_key()}


def cancel_key_deletion(on: Ground) -> Calls:
    key = on.new_key()
    on.kms.schedule_key_deletion(KeyId=key)
    yield {"KeyId": key}


def list_keys(on: Ground) -> Calls:
    yield {"Limit": 3}
    yield {"ResourceOwners": ["SELF"]}
    yield {"ResourceOwners": ["OTHER_ACCOUNTS_VIA_RAM"]}


def replicate_key(on: Ground) -> Calls:
    key = on.new_key(MultiRegion=True)
    yield {"KeyId": key, "ReplicaRegion": NEAR}
    yield {
        "KeyId": key,
        "ReplicaRegion": FAR,
        "Description": "a replica",
        "Tags": TAGS,
        "Policy": on.policy,
        "BypassPolicyLockoutSafetyCheck": True,
    }


def update_primary_region(on: Ground) -> Calls:
    yield {"KeyId": on.replicated_key(), "PrimaryRegion": NEAR}

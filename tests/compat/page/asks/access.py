"""Calls about key policies and grants."""

from __future__ import annotations

from tests.compat.page.asks.common import Calls, values
from tests.compat.page.ground import CONTEXT, SYMMETRIC, Ground

KINDS = {
    "Sign": ("ECC_NIST_P256", "SIGN_VERIFY"),
    "Verify": ("ECC_NIST_P256", "SIGN_VERIFY"),
    "GetPublicKey": ("ECC_NIST_P256", "SIGN_VERIFY"),
    "GenerateMac": ("HMAC_256", "GENERATE_VERIFY_MAC"),
    "VerifyMac": ("HMAC_256", "GENERATE_VERIFY_MAC"),
    "DeriveSharedSecret": ("ECC_NIST_P256", "KEY_AGREEMENT"),
    "Encapsulate": ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
    "Decapsulate": ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
}
"""The kind of key that an operation can be granted on, if not a symmetric one."""


def get_key_policy(on: Ground) -> Calls:
    yield {"KeyId": on.symmetric}
    yield {"KeyId": on.symmetric, "PolicyName": "default"}


def put_key_policy(on: Ground) -> Calls:
    yield {"KeyId": on.new_key(), "Policy": on.policy}
    yield {
        "KeyId": on.new_key(),
        "PolicyName": "default",
        "Policy": on.policy,
        "BypassPolicyLockoutSafetyCheck": True,
    }


def create_grant(on: Ground) -> Calls:
    plain = {"KeyId": on.symmetric, "GranteePrincipal": on.principal, "Operations": ["Decrypt"]}
    yield plain
    for operation in values("CreateGrant", "Operations"):
        yield {
            **plain,
            "KeyId": on.keys(*KINDS.get(operation, SYMMETRIC)),
            "Operations": [operation],
        }
    yield {**plain, "Name": "a-grant", "RetiringPrincipal": on.principal}
    for kind in ("EncryptionContextSubset", "EncryptionContextEquals"):
        yield {**plain, "Constraints": {kind: CONTEXT}}
    yield {
        "KeyId": on.symmetric,
        "Operations": ["Decrypt"],
        "GranteeServicePrincipal": "ec2.amazonaws.com",
        "RetiringServicePrincipal": "ec2.amazonaws.com",
        "Constraints": {"SourceArn": f"arn:aws:ec2:us-east-1:{on.account}:instance/i-1"},
    }


def list_grants(on: Ground) -> Calls:
    key = on.new_key()
    made = [on.grant(key, "Decrypt", Name=name) for name in ("one", "two")]
    yield {"KeyId": key}
    yield {"KeyId": key, "GrantId": made[0].get("GrantId", "0" * 64)}
    yield {"KeyId": key, "GranteePrincipal": on.principal}
    yield {"KeyId": key, "GranteeServicePrincipal": "ec2.amazonaws.com"}


def list_retirable_grants(on: Ground) -> Calls:
    key = on.new_key()
    for name in ("one", "two"):
        on.grant(key, "Decrypt", Name=name)
    yield {"RetiringPrincipal": on.principal}
    yield {"RetiringServicePrincipal": "ec2.amazonaws.com"}


def retire_grant(on: Ground) -> Calls:
    key = on.new_key()
    arn = f"arn:aws:kms:us-east-1:{on.account}:key/{key}"
    made = on.grant(key, "Decrypt")
    yield {"GrantToken": made.get("GrantToken", "a-token")}
    yield {"KeyId": arn, "GrantId": on.grant(key, "Encrypt").get("GrantId", "0" * 64)}
    kept = on.grant(key, "Decrypt").get("GrantId", "0" * 64)
    yield {"KeyId": arn, "GrantId": kept, "DryRun": True}


def revoke_grant(on: Ground) -> Calls:
    key = on.new_key()
    yield {"KeyId": key, "GrantId": on.grant(key, "Decrypt").get("GrantId", "0" * 64)}
    kept = on.grant(key, "Decrypt").get("GrantId", "0" * 64)
    yield {"KeyId": key, "GrantId": kept, "DryRun": True}

"""No operation without a permission: denied to who has all others, open to who has that one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from node.operations.table import operations
from node.wire.messages import Operation
from tests.scenarios.calls import ON_A_KEY, call, key_for, members_for
from tests.scenarios.client import Answer, Kms, Refused, refused
from tests.scenarios.region import Regions, RegionUnderTest

_STORE = {"CustomKeyStoreId": "cks-1234567890abcdef0"}
KEYLESS: dict[str, dict[str, Any]] = {
    "ConnectCustomKeyStore": _STORE,
    "CreateCustomKeyStore": {
        "CustomKeyStoreName": "mine",
        "CloudHsmClusterId": "cluster-2a23b4cdefg",
        "TrustAnchorCertificate": "a certificate",
        "KeyStorePassword": "a password",
    },
    "CreateKey": {},
    "DeleteCustomKeyStore": _STORE,
    "DescribeCustomKeyStores": {},
    "DisconnectCustomKeyStore": _STORE,
    "GenerateRandom": {"NumberOfBytes": 1},
    "ListAliases": {},
    "ListKeys": {},
    "ListRetirableGrants": {},
    "UpdateCustomKeyStore": _STORE,
}
BY_ALIAS = {"DeleteAlias"}
PERMISSIONS = {"ReEncrypt": ("ReEncryptFrom", "ReEncryptTo"), "ReplicateKey": ("CreateKey",)}
"""What an operation needs in the place of, or beside, the permission of its own name."""

ADMINISTRATION: dict[str, dict[str, Any]] = {
    "AdvanceClock": {"seconds": 1},
    "ApplyPrincipals": {"wanted": {}},
    "EndSessions": {},
    "EvictRegion": {"region": "eu-west-1"},
    "ExplainPolicy": {"principal": "arn:aws:iam::111122223333:root", "action": "kms:ListKeys"},
    "GetClock": {},
    "GetStatus": {},
    "GetUsage": {},
    "ListHoldings": {"region": "eu-west-1", "after": None},
    "Promote": {"from_region": "eu-west-1", "key_ids": None, "dry_run": True},
    "ReadmitRegion": {"region": "eu-west-1"},
    "RequestResync": {"region": "eu-west-1"},
    "SeedAccount": {
        "account": "777788889999",
        "access_key_id": "AKIASEED000000000000",
        "secret_access_key": "a secret of the seed that is long enough",
    },
    "SeedKey": {
        "account": "111122223333",
        "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "key_spec": "SYMMETRIC_DEFAULT",
        "create": True,
    },
}
WITHOUT_A_CLOCK = ("AdvanceClock", "GetClock")  # refused by name, to who may


def policy(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def asked(operation: str, caller: Kms, kms: Kms, key_id: str, members: dict[str, Any]) -> Answer:
    """Call an operation as `caller`, on a key and with what the administrator has made for it."""
    if operation in KEYLESS:
        named = {"RetiringPrincipal": caller.principal_arn}
        return caller(operation, **(named if operation == "ListRetirableGrants" else members))
    if operation in BY_ALIAS:
        return caller(operation, **members)
    return call(operation, caller, kms.arn(key_id), members)


def made(operation: str, kms: Kms) -> tuple[str, dict[str, Any]]:
    """A key, and what the operation needs beside it."""
    if operation in KEYLESS:
        return "", KEYLESS[operation]
    key_id = key_for(operation, kms) if operation not in BY_ALIAS else kms.key()
    if operation in BY_ALIAS:
        kms("CreateAlias", AliasName=f"alias/of-{key_id}", TargetKeyId=key_id)
        return key_id, {"AliasName": f"alias/of-{key_id}"}
    return key_id, members_for(operation, kms, key_id)


def test_every_operation_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all that a node serves of KMS and of its own, none is left out."""
    served: set[str] = set()

    def noting(*parts: Any) -> Mapping[str, Operation]:
        table = operations(*parts)
        served.update(table)
        return table

    monkeypatch.setattr("node.assembly.operations", noting)
    regions = Regions(tmp_path)
    regions.start()
    regions.close()
    assert {each for each in served if each.startswith(("TrentService.", "Keyspan."))} == {
        *(f"TrentService.{name}" for name in (*KEYLESS, *BY_ALIAS, *ON_A_KEY)),
        *(f"Keyspan.{name}" for name in ADMINISTRATION),
    }


@pytest.mark.parametrize("operation", sorted({*KEYLESS, *BY_ALIAS, *ON_A_KEY}))
def test_who_has_no_permission_is_denied_and_who_has_it_is_not(
    operation: str, region: RegionUnderTest, kms: Kms
) -> None:
    key_id, members = made(operation, kms)
    nobody = region.user("nobody", policy("s3:*"))
    with refused("AccessDeniedException"):
        asked(operation, nobody, kms, key_id, members)
    wanted = PERMISSIONS.get(operation, ())
    own = () if operation == "ReEncrypt" else (operation,)
    names = [f"kms:{name}" for name in (*own, *wanted)]
    others = region.user("others", policy("s3:*"), all_but(names))
    with refused("AccessDeniedException"):
        asked(operation, others, kms, key_id, members)
    able = region.user("able", policy(*names))
    assert refusal(lambda: asked(operation, able, kms, key_id, members)) != "AccessDeniedException"


def refusal(call_it: Callable[[], object]) -> str:
    """The error that a call is refused with, "" for none: the key's state may forbid it still."""
    try:
        call_it()
    except Refused as error:
        return error.code
    return ""


def all_but(names: list[str]) -> str:
    """Everything but these actions."""
    statement = {"Effect": "Allow", "NotAction": names, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.mark.parametrize("operation", sorted(ADMINISTRATION))
def test_administration_has_permissions_of_its_own(
    operation: str, region: RegionUnderTest, kms: Kms, stranger: Kms
) -> None:
    members = ADMINISTRATION[operation]
    user = region.user("user", policy("kms:*"), all_but([f"keyspan:{operation}"]))
    for caller in (user, stranger):
        with refused("AccessDeniedException"):
            caller.admin(operation, **members)
    able = region.user("operator", policy(f"keyspan:{operation}"))
    if operation in WITHOUT_A_CLOCK:
        with refused("UnsupportedOperationException"):
            able.admin(operation, **members)
    else:
        assert able.admin(operation, **members)
    with refused("AccessDeniedException"):
        able("ListKeys")

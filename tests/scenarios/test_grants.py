"""CreateGrant, ListGrants, ListRetirableGrants, RetireGrant and RevokeGrant, and grant tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from node.operations import grants as operations
from tests.scenarios.client import Answer, Kms, refused
from tests.scenarios.region import ACCOUNT, OTHER_ACCOUNT, RegionUnderTest

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
NO_SUCH = "ab" * 32
CONTEXT = {"tenant": "blue"}


def grant(kms: Kms, key: str, grantee: Kms, *wanted: str, **members: Any) -> Answer:
    members.setdefault("GranteePrincipal", grantee.principal_arn)
    return kms("CreateGrant", KeyId=key, Operations=list(wanted or ("Encrypt",)), **members)


def listed(kms: Kms, key: str, **members: Any) -> list[Answer]:
    found: list[Answer] = kms("ListGrants", KeyId=key, **members)["Grants"]
    return found


@pytest.fixture
def app(region: RegionUnderTest) -> Kms:
    """A user who has no policy at all."""
    return region.user("app")


@pytest.fixture
def key(kms: Kms) -> str:
    return kms.key()


def test_what_is_shown_of_a_grant(kms: Kms, app: Kms, key: str) -> None:
    made = grant(
        kms,
        key,
        app,
        "Decrypt",
        "RetireGrant",
        Name="mine",
        RetiringPrincipal=ROOT,
        Constraints={"EncryptionContextSubset": CONTEXT},
    )
    [shown] = listed(kms, key)
    assert shown.pop("CreationDate") > 0
    assert shown == {
        "KeyId": kms.arn(key),
        "GrantId": made["GrantId"],
        "Name": "mine",
        "GranteePrincipal": app.principal_arn,
        "RetiringPrincipal": ROOT,
        "IssuingAccount": ROOT,
        "Operations": ["Decrypt", "RetireGrant"],
        "Constraints": {"EncryptionContextSubset": CONTEXT},
    }
    grant(kms, key, app)
    assert [each["Name"] for each in listed(kms, key)].count("") == 1


def test_a_name_makes_the_same_call_give_the_same_grant(kms: Kms, app: Kms, key: str) -> None:
    """KMS API Reference, CreateGrant: Name. The token is another one each time."""
    first = grant(kms, key, app, "Encrypt", "Decrypt", Name="once")
    again = grant(kms, key, app, "Decrypt", "Encrypt", Name="once")
    assert again["GrantId"] == first["GrantId"]
    assert again["GrantToken"] != first["GrantToken"]
    others = [
        grant(kms, key, app, "Encrypt", Name="once"),
        grant(kms, key, app, "Encrypt", "Decrypt", Name="twice"),
        grant(kms, key, app, "Encrypt", "Decrypt"),
        grant(kms, key, app, "Encrypt", "Decrypt"),
        grant(kms, key, app, "Encrypt", "Decrypt", Name="once", RetiringPrincipal=ROOT),
    ]
    ids = {each["GrantId"] for each in (first, *others)}
    assert len(ids) == len(listed(kms, key)) == 6


def test_lists_page_by_page_and_by_their_filters(
    region: RegionUnderTest, kms: Kms, app: Kms, key: str
) -> None:
    other = region.user("other")
    made = {grant(kms, key, app, RetiringPrincipal=ROOT)["GrantId"] for _ in range(5)}
    another = grant(kms, key, other)["GrantId"]
    for operation, named in (
        ("ListGrants", {"KeyId": key, "GranteePrincipal": app.principal_arn}),
        ("ListRetirableGrants", {"RetiringPrincipal": ROOT}),
    ):
        found: list[str] = []
        marker: dict[str, str] = {}
        while True:
            page = kms(operation, Limit=2, **named, **marker)
            found += [each["GrantId"] for each in page["Grants"]]
            if not page["Truncated"]:
                assert "NextMarker" not in page
                break
            marker = {"Marker": page["NextMarker"]}
        assert len(found) >= 5
        assert made <= set(found)
        assert another not in found
    assert [each["GrantId"] for each in listed(kms, key, GrantId=another)] == [another]
    assert listed(kms, key, GrantId=NO_SUCH) == []
    with refused("InvalidMarkerException"):
        kms("ListGrants", KeyId=key, Marker="nonsense")
    with refused("InvalidGrantIdException"):
        listed(kms, key, GrantId="short")


def test_retirable_grants_are_of_every_key_and_of_ones_own_account(
    kms: Kms, stranger: Kms, app: Kms
) -> None:
    keys = [kms.key(), kms.key()]
    made = {grant(kms, each, app, RetiringPrincipal=app.principal_arn)["GrantId"] for each in keys}
    found = kms("ListRetirableGrants", RetiringPrincipal=app.principal_arn)["Grants"]
    assert made <= {each["GrantId"] for each in found}
    with refused("AccessDeniedException"):
        stranger("ListRetirableGrants", RetiringPrincipal=app.principal_arn)
    with refused("InvalidArnException"):
        kms("ListRetirableGrants", RetiringPrincipal="nobody")


def test_who_may_retire_a_grant(region: RegionUnderTest, kms: Kms, app: Kms, key: str) -> None:
    retirer, other = region.user("retirer"), region.user("other")
    arn = kms.arn(key)
    for caller, wanted, may in (
        (retirer, ("Encrypt",), True),
        (app, ("Encrypt",), False),
        (app, ("Encrypt", "RetireGrant"), True),
        (other, ("Encrypt", "RetireGrant"), False),
        (kms, ("Encrypt",), True),  # the account's, by its identity policy
    ):
        made = grant(kms, key, app, *wanted, RetiringPrincipal=retirer.principal_arn)
        named = {"KeyId": arn, "GrantId": made["GrantId"]}
        if not may:
            with refused("AccessDeniedException"):
                caller("RetireGrant", **named)
            continue
        with refused("DryRunOperationException"):
            caller("RetireGrant", **named, DryRun=True)
        assert listed(kms, key, GrantId=made["GrantId"])
        caller("RetireGrant", **named)
        assert listed(kms, key, GrantId=made["GrantId"]) == []
        with refused("NotFoundException"):
            caller("RetireGrant", **named)


def test_retiring_by_token_and_what_it_needs(kms: Kms, app: Kms, key: str) -> None:
    made = grant(kms, key, app, "RetireGrant", "Encrypt")
    app("RetireGrant", GrantToken=made["GrantToken"])
    with refused("NotFoundException"):
        app("RetireGrant", GrantToken=made["GrantToken"])
    for members in (
        {},
        {"KeyId": key},
        {"GrantId": NO_SUCH},
        {"GrantToken": made["GrantToken"], "KeyId": key},
    ):
        with refused("ValidationException"):
            app("RetireGrant", **members)
    for token in ("nonsense", made["GrantToken"][:-8] + "AAAAAAA=", "A" * 64):
        with refused("InvalidGrantTokenException"):
            app("RetireGrant", GrantToken=token)


def test_revoking(kms: Kms, app: Kms, key: str) -> None:
    made = grant(kms, key, app)
    assert app.encrypt(kms.arn(key))
    with refused("DryRunOperationException"):
        kms("RevokeGrant", KeyId=key, GrantId=made["GrantId"], DryRun=True)
    with refused("NotFoundException"):
        kms("RevokeGrant", KeyId=kms.key(), GrantId=made["GrantId"])
    with refused("AccessDeniedException"):
        app("RevokeGrant", KeyId=kms.arn(key), GrantId=made["GrantId"])
    assert app.encrypt(kms.arn(key))
    kms("RevokeGrant", KeyId=key, GrantId=made["GrantId"])
    with refused("AccessDeniedException"):
        app.encrypt(kms.arn(key))
    for grant_id, error in ((made["GrantId"], "NotFoundException"), ("x", "InvalidGrantId")):
        with refused(error if error.endswith("Exception") else f"{error}Exception"):
            kms("RevokeGrant", KeyId=key, GrantId=grant_id)


def test_a_dry_run_makes_no_grant(kms: Kms, app: Kms, key: str) -> None:
    with refused("DryRunOperationException"):
        grant(kms, key, app, DryRun=True)
    assert listed(kms, key) == []


def test_a_grant_that_makes_grants(region: RegionUnderTest, kms: Kms, app: Kms, key: str) -> None:
    """KMS Developer Guide, "Granting CreateGrant permission": no more than one has."""
    last = region.user("last")
    parent = {"EncryptionContextSubset": CONTEXT}
    grant(kms, key, app, "CreateGrant", "Encrypt", "Decrypt", Constraints=parent)
    arn = kms.arn(key)
    for wanted, constraints in (
        (("Encrypt",), None),
        (("Encrypt", "GenerateDataKey"), parent),
        (("Encrypt",), {"EncryptionContextSubset": {"tenant": "red"}}),
    ):
        given = {} if constraints is None else {"Constraints": constraints}
        with refused("AccessDeniedException"):
            grant(app, arn, last, *wanted, **given)
    stricter = {"EncryptionContextEquals": {**CONTEXT, "more": "x"}}
    made = grant(app, arn, last, "Encrypt", Constraints=stricter)
    assert last.encrypt(arn, EncryptionContext={**CONTEXT, "more": "x"})
    with refused("AccessDeniedException"):
        last.encrypt(arn, EncryptionContext=CONTEXT)
    shown = listed(kms, key, GrantId=made["GrantId"])
    assert shown[0]["IssuingAccount"] == ROOT


def test_another_accounts_principal_by_a_grant(region: RegionUnderTest, kms: Kms, key: str) -> None:
    """It needs no policy of its own, and the account that issues a grant is who called."""
    poor = region.user("poor", account=OTHER_ACCOUNT)
    grant(kms, key, poor, "Encrypt", "CreateGrant")
    assert poor.encrypt(kms.arn(key))
    friend = region.user("friend", account=OTHER_ACCOUNT)
    made = grant(poor, kms.arn(key), friend, "Encrypt")
    assert friend.encrypt(kms.arn(key))
    [shown] = listed(kms, key, GrantId=made["GrantId"])
    assert shown["IssuingAccount"] == f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    with refused("AccessDeniedException"):
        listed(poor, kms.arn(key))


BAD = [
    ({"Operations": []}, "ValidationException"),
    ({"Operations": ["CreateGrant"]}, "ValidationException"),
    ({"Operations": ["Sign"]}, "ValidationException"),
    ({"Operations": ["GetPublicKey"]}, "ValidationException"),
    ({"Operations": ["Fly"]}, "ValidationException"),
    ({"GranteePrincipal": "bob"}, "InvalidArnException"),
    ({"GranteePrincipal": "*"}, "ValidationException"),
    ({"RetiringPrincipal": "arn:aws:s3:::bucket"}, "InvalidArnException"),
    ({"GranteeServicePrincipal": "ec2.amazonaws.com"}, "ValidationException"),
    ({"Name": "a name"}, "ValidationException"),
    ({"Name": "n" * 257}, "ValidationException"),
    ({"GrantTokens": ["t"] * 11}, "ValidationException"),
    ({"GrantTokens": ["t"]}, "InvalidGrantTokenException"),
    (
        {"Constraints": {"EncryptionContextEquals": {}, "EncryptionContextSubset": {}}},
        "ValidationException",
    ),
    (
        {"Constraints": {"EncryptionContextEquals": {str(n): "" for n in range(9)}}},
        "ValidationException",
    ),
    ({"Constraints": {"EncryptionContextSubset": {"a": "b" * 385}}}, "ValidationException"),
    ({"KeyId": "alias/a"}, "InvalidArnException"),
    ({"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "NotFoundException"),
]


@pytest.mark.parametrize(("members", "error"), BAD, ids=lambda each: str(each)[:60])
def test_what_no_grant_can_be(
    kms: Kms, app: Kms, key: str, members: dict[str, Any], error: str
) -> None:
    whole = {"KeyId": key, "GranteePrincipal": app.principal_arn, "Operations": ["Encrypt"]}
    with refused(error):
        kms("CreateGrant", **{**whole, **members})
    assert listed(kms, key) == []


def test_a_context_constraint_is_for_symmetric_keys(kms: Kms, app: Kms) -> None:
    signer = kms.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    with refused("ValidationException"):
        grant(kms, signer, app, "Sign", Constraints={"EncryptionContextSubset": CONTEXT})
    assert grant(kms, signer, app, "Sign", "GetPublicKey", "DescribeKey")
    assert app("GetPublicKey", KeyId=kms.arn(signer))


def test_a_key_that_is_off_takes_no_grants_and_loses_none(kms: Kms, app: Kms, key: str) -> None:
    made = grant(kms, key, app)
    kms("DisableKey", KeyId=key)
    with refused("DisabledException", f"{kms.arn(key)} is disabled."):
        grant(kms, key, app)
    assert [each["GrantId"] for each in listed(kms, key)] == [made["GrantId"]]
    with refused("DisabledException"):
        app.encrypt(kms.arn(key))
    kms("EnableKey", KeyId=key)
    assert app.encrypt(kms.arn(key))


def test_so_many_grants_and_no_more(
    kms: Kms, app: Kms, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "GRANTS_OF_A_KEY_MOST", 2)
    grant(kms, key, app, Name="one")
    grant(kms, key, app)
    grant(kms, key, app, Name="one")
    with refused("LimitExceededException"):
        grant(kms, key, app)
    assert len(listed(kms, key)) == 2


def test_a_deny_is_stronger_than_a_grant(kms: Kms, app: Kms, key: str) -> None:
    grant(kms, key, app)
    assert app.encrypt(kms.arn(key))
    whole = json.loads(kms("GetKeyPolicy", KeyId=key)["Policy"])
    denial = {
        "Effect": "Deny",
        "Principal": {"AWS": app.principal_arn},
        "Action": "kms:Encrypt",
        "Resource": "*",
    }
    whole["Statement"].append(denial)
    kms("PutKeyPolicy", KeyId=key, Policy=json.dumps(whole))
    with refused(
        "AccessDeniedException",
        f"User: {app.principal_arn} is not authorized to perform: kms:Encrypt on resource: "
        f"{kms.arn(key)} with an explicit deny in a resource-based policy",
    ):
        app.encrypt(kms.arn(key))

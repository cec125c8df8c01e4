"""Quotas: what an account may have and how often it may call, as a failover meets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.settings.quotas import QuotaSettings
from tests.scenarios.client import Kms, Refused, refused
from tests.scenarios.region import MovableClock, Regions, RegionUnderTest

HOME, STANDBY = "us-east-1", "eu-west-1"
MESSAGE = (
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
)


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """A region with a quota of 50, and a standby with a fifth of it."""
    quotas = {
        HOME: QuotaSettings(requests={"Symmetric": 50.0, "RSA": 2.0}),
        STANDBY: QuotaSettings(requests={"Symmetric": 10.0, "DescribeKey": 1.0}),
    }
    found = Regions(tmp_path_factory.mktemp("quotas"), (HOME, STANDBY), quotas=quotas)
    found.start()
    yield found
    found.close()


def wait(regions: Regions, seconds: float) -> None:
    """Let time pass for who counts requests."""
    for each in regions.values():
        clock = each.world.request_clock
        assert isinstance(clock, MovableClock)
        clock.move(seconds=seconds)


def served(kms: Kms, key: str, times: int) -> int:
    """How many of so many calls at one moment are served; the others are throttled."""
    count, refusals = 0, set()
    for _ in range(times):
        try:
            kms.encrypt(key)
            count += 1
        except Refused as error:
            refusals.add((error.status, error.code, error.message))
    assert refusals <= {(400, "ThrottlingException", MESSAGE)}
    return count


def test_the_stampede_of_a_failover(regions: Regions) -> None:
    """What one region bears, the other does not: that is what a rehearsal has to show."""
    home, standby = regions[HOME].kms, regions[STANDBY].kms
    key = home.key(MultiRegion=True)
    home("ReplicateKey", KeyId=key, ReplicaRegion=STANDBY)
    regions.settle()
    wait(regions, 10)
    assert served(home, key, 50) == 50
    assert served(standby, key, 50) == 10
    wait(regions, 0.5)
    assert served(standby, key, 50) == 5
    wait(regions, 10)
    assert served(standby, key, 50) == 10


def test_accounts_and_kinds_of_keys_are_apart(regions: Regions) -> None:
    wait(regions, 10)
    kms, stranger = regions[HOME].kms, regions[HOME].stranger
    key, theirs = kms.key(), stranger.key()
    rsa = kms.key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    kms("CreateAlias", AliasName="alias/rsa", TargetKeyId=rsa)
    assert served(kms, key, 60) == 50
    for named in (rsa, "alias/rsa"):
        kms.encrypt(named, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    with refused("ThrottlingException", MESSAGE):
        kms.encrypt(kms.arn(rsa), EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    with refused("ThrottlingException"):
        kms("GenerateRandom", NumberOfBytes=1)
    assert served(stranger, theirs, 50) == 50
    assert kms.metadata(key)  # DescribeKey has no quota here
    assert kms.status()  # and Keyspan's own operations never have


def test_what_names_no_key_is_counted_and_then_refused_as_ever(regions: Regions) -> None:
    wait(regions, 10)
    kms = regions[STANDBY].kms
    for named in ("alias/nothing", "1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:kms:odd"):
        with refused("NotFoundException"):
            kms.encrypt(named)
    assert served(kms, kms.key(), 50) == 7
    with refused("NotFoundException"):
        kms("DescribeKey", KeyId="1234abcd-12ab-34cd-56ef-1234567890ab")
    with refused("ThrottlingException", MESSAGE):
        kms("DescribeKey", KeyId="1234abcd-12ab-34cd-56ef-1234567890ab")


def test_without_configuration_there_is_no_request_quota(region: RegionUnderTest, kms: Kms) -> None:
    assert served(kms, kms.key(), 200) == 200


def test_the_keys_of_an_account(tmp_path: Path) -> None:
    found = Regions(tmp_path, (HOME,), quotas={HOME: QuotaSettings(keys=2)})
    try:
        kms, stranger = found[HOME].kms, found[HOME].stranger
        kms("DescribeKey", KeyId="alias/aws/s3")  # an AWS managed key is not the customer's
        first, _ = kms.key(), kms.key()
        with refused(
            "LimitExceededException",
            f"The account {kms.account} has 2 KMS keys in {HOME}, which is the limit.",
        ):
            kms("CreateKey")
        assert stranger.key()
        kms("ScheduleKeyDeletion", KeyId=first, PendingWindowInDays=7)
        with refused("LimitExceededException"):
            kms("CreateKey")
        found.clock.move(days=8)
        assert found[HOME].step_schedule() == 1
        assert kms.key()
    finally:
        found.close()

"""Ciphertexts that reach a region before their key material does, and some that were made up.

docs/decisions/0017: a region that cannot be sure asks once, then answers an error that SDKs retry.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from unittest.mock import patch

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from crypto.ciphertext import decode
from node.assembly import Region
from node.operations import arrivals
from node.wire.messages import WireResponse
from replication import hearing
from tests.scenarios.boto import boto3_client, boto3_clock
from tests.scenarios.client import Answer, Kms, answer_of, refused
from tests.scenarios.importing import NEW, ONE, TWO, import_material
from tests.scenarios.region import REGIONS, Regions
from tests.scenarios.test_related_imports import everywhere, related
from tests.scenarios.test_replicas import replicated

__all__ = ["boto3_clock"]

HOME, NEAR, FAR = REGIONS
PLAINTEXT = b"attack at dawn"
RETRIES = Config(retries={"mode": "standard", "total_max_attempts": 3})


def overtaking(regions: Regions, *, evict: str = NEAR) -> tuple[str, bytes]:
    """A key of all regions, and a ciphertext of material that `evict`, which is away, lacks."""
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {evict}
    regions[HOME].kms.admin("EvictRegion", region=evict)
    before = current(regions[HOME].kms, key_id)
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    regions.work_until(lambda: current(regions[HOME].kms, key_id) != before)
    return key_id, regions[HOME].kms.encrypt(key_id)


def current(kms: Kms, key_id: str) -> str:
    return str(kms.metadata(key_id)["CurrentKeyMaterialId"])


def forged(blob: bytes) -> bytes:
    """The ciphertext with another material ID."""
    material_id = bytes.fromhex(decode(blob).material_id)
    return blob.replace(material_id, bytes(reversed(material_id)))


OPENINGS: dict[str, Callable[[Kms, str, bytes], Answer]] = {
    "Decrypt": lambda kms, key_id, blob: kms("Decrypt", CiphertextBlob=blob),
    "Decrypt of a named key": lambda kms, key_id, blob: kms(
        "Decrypt", CiphertextBlob=blob, KeyId=key_id
    ),
    "ReEncrypt": lambda kms, key_id, blob: kms(
        "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key_id
    ),
}


def test_a_ciphertext_that_came_before_its_material_is_to_be_tried_again(regions: Regions) -> None:
    """The issue's case: never a wrong answer, and it opens once the region has caught up."""
    key_id, blob = overtaking(regions)
    near = regions[NEAR].kms
    for opening in OPENINGS.values():
        with refused("KeyUnavailableException") as caught:
            opening(near, key_id, blob)
        assert caught.value.status == 500
        assert caught.value.message.startswith(f"{near.arn(key_id)} has not received the key")
    assert near.decrypt(near.encrypt(key_id)) == PLAINTEXT  # with what it holds it goes on
    regions.network.away = set()
    regions.settle()
    for opening in OPENINGS.values():
        assert opening(near, key_id, blob)


def test_it_opens_at_once_when_the_link_is_whole_and_only_the_entry_is_missing(
    regions: Regions,
) -> None:
    """The request waits for the entry; nobody has to try again."""
    _, blob = overtaking(regions)
    regions.network.slow = {NEAR}
    regions.network.away = set()
    near = regions[NEAR]
    request = near.kms.request("Decrypt", CiphertextBlob=blob)

    async def while_it_waits(region: Region) -> WireResponse:
        asked = asyncio.create_task(region.protocol.handle(request))
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not asked.done()
        regions.network.slow = set()
        return await asked

    assert answer_of(near.run(while_it_waits))["Plaintext"] == PLAINTEXT


def test_a_peer_that_hangs_holds_a_request_up_for_a_moment_only(
    regions: Regions, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, blob = overtaking(regions)
    monkeypatch.setattr(hearing, "HEARING_SECONDS", 0.05)
    regions.network.slow = {NEAR}
    regions.network.away = set()
    with refused("KeyUnavailableException"):
        regions[NEAR].kms.decrypt(blob)
    regions.network.slow = set()
    regions.settle()
    assert regions[NEAR].kms.decrypt(blob) == PLAINTEXT


def test_a_region_that_has_heard_everyone_refuses_what_was_made_up(
    shared_regions: Regions,
) -> None:
    key_id = replicated(shared_regions, NEAR, FAR)
    blob = forged(shared_regions[HOME].kms.encrypt(key_id))
    for each in shared_regions.values():
        for opening in OPENINGS.values():
            with refused("InvalidCiphertextException", ""):
                opening(each.kms, key_id, blob)


def test_a_region_that_cannot_hear_everyone_is_not_sure_of_what_was_made_up(
    regions: Regions,
) -> None:
    key_id = replicated(regions, NEAR)
    blob = forged(regions[HOME].kms.encrypt(key_id))
    regions.network.away = {FAR}
    with refused("KeyUnavailableException"):
        regions[HOME].kms.decrypt(blob)


def test_an_evicted_region_is_never_sure(regions: Regions) -> None:
    """Rotations do not wait for it: it may have read every log and not be told yet."""
    key_id = replicated(regions, NEAR, FAR)
    blob = forged(regions[NEAR].kms.encrypt(key_id))
    regions[NEAR].kms.admin("EvictRegion", region=NEAR)
    with refused("KeyUnavailableException"):
        regions[NEAR].kms.decrypt(blob)
    regions[NEAR].kms.admin("ReadmitRegion", region=NEAR)
    with refused("InvalidCiphertextException"):
        regions[NEAR].kms.decrypt(blob)


def test_keys_that_are_sent_nothing_are_told_as_before(regions: Regions) -> None:
    """A single-Region key has all it ever gets; of a key that it lacks, a region knows nothing."""
    regions.network.away = {NEAR}
    kms = regions[HOME].kms
    with refused("InvalidCiphertextException"):
        kms.decrypt(forged(kms.encrypt(kms.key())))
    blob = regions[HOME].kms.encrypt(regions[HOME].kms.key(MultiRegion=True))
    with refused("AccessDeniedException"):
        regions[NEAR].kms.decrypt(blob)


def test_a_restored_region_does_not_yet_know(regions: Regions) -> None:
    """It was stopped while the others, which did not wait for it, rotated."""
    key_id = replicated(regions, NEAR, FAR)
    regions[HOME].kms.admin("EvictRegion", region=NEAR)
    with regions.stopped(NEAR):
        before = current(regions[HOME].kms, key_id)
        regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
        regions.work_until(lambda: current(regions[HOME].kms, key_id) != before)
        blob = regions[HOME].kms.encrypt(key_id)
        regions.network.slow = {NEAR}
    with patch.object(hearing, "HEARING_SECONDS", 0.02), refused("KeyUnavailableException"):
        regions[NEAR].kms.decrypt(blob)
    regions.network.slow = set()
    regions.settle()
    assert regions[NEAR].kms.decrypt(blob) == PLAINTEXT


def test_imported_material_is_asked_for_and_not_waited_for(regions: Regions) -> None:
    """The wait ends with the news that the key awaits its import here: KMS's error for that."""
    key_id = related(regions, NEAR)
    everywhere(regions, key_id, ONE, NEAR)
    home, near = regions[HOME].kms, regions[NEAR].kms
    home.admin("EvictRegion", region=NEAR)
    regions.network.away = {NEAR}
    import_material(home, key_id, TWO, **NEW)
    home("RotateKeyOnDemand", KeyId=key_id)
    blob = home.encrypt(key_id)
    with refused("KeyUnavailableException"):
        near.decrypt(blob)
    regions.network.away = set()
    with refused("KMSInvalidStateException", f"{near.arn(key_id)} is pending import."):
        near.decrypt(blob)


def test_only_so_many_requests_wait(regions: Regions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up material IDs tie up no more than that, and no key that is in order."""
    key_id = replicated(regions, NEAR)
    good = regions[HOME].kms.encrypt(key_id)
    monkeypatch.setattr(arrivals, "WAITING_MOST", 2)
    monkeypatch.setattr(hearing, "HEARING_SECONDS", 30.0)
    near = regions[NEAR]
    regions.network.slow = {NEAR}
    regions[HOME].kms("EnableKeyRotation", KeyId=key_id)  # an entry that NEAR has yet to read
    requests = [near.kms.request("Decrypt", CiphertextBlob=forged(good)) for _ in range(5)]
    opening = near.kms.request("Decrypt", CiphertextBlob=good)

    async def flood(region: Region) -> tuple[list[int], WireResponse, list[int]]:
        asked = [asyncio.create_task(region.protocol.handle(each)) for each in requests]
        ended = asyncio.as_completed(asked)
        turned_away = [(await next(ended)).status for _ in range(3)]
        opened = await region.protocol.handle(opening)
        regions.network.slow = set()
        waited = [(await each).status for each in asked]
        return turned_away, opened, waited

    turned_away, opened, waited = near.run(flood)
    assert turned_away == [500, 500, 500]
    assert answer_of(opened)["Plaintext"] == PLAINTEXT
    assert sorted(waited) == [400, 400, 500, 500, 500]


@pytest.mark.usefixtures("boto3_clock")
def test_boto3_tries_again_by_itself(regions: Regions) -> None:
    """botocore takes HTTP 500 for a passing fault; by its next try the region has caught up."""
    _, blob = overtaking(regions)
    client = boto3_client(regions[NEAR].kms, config=RETRIES)
    tries: list[str] = []

    def heal(**_: object) -> None:
        tries.append("again")
        if len(tries) == 2:
            regions.network.away = set()
            regions.settle()

    client.meta.events.register_first("before-send.kms", heal)
    with patch.object(time, "sleep"):  # botocore's back-off
        assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == PLAINTEXT
    assert tries == ["again", "again"]


@pytest.mark.usefixtures("boto3_clock")
def test_boto3_gives_a_made_up_one_up_at_once(shared_regions: Regions) -> None:
    blob = forged(shared_regions[HOME].kms.encrypt(replicated(shared_regions, NEAR)))
    tries: list[str] = []
    client = boto3_client(shared_regions[NEAR].kms, config=RETRIES)
    client.meta.events.register_first("before-send.kms", lambda **_: tries.append("once"))
    with pytest.raises(ClientError) as caught:
        client.decrypt(CiphertextBlob=blob)
    assert caught.value.response["Error"]["Code"] == "InvalidCiphertextException"
    assert tries == ["once"]

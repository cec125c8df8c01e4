"""What the service does by itself is recorded too, in each region where it happens; and each region
witnesses the others' trails.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from node.audit.folder import trail_files, trail_lines
from node.audit.verification import Damage, verify_trail
from node.cli.audit.verify import find_witnesses
from tests.scenarios.audit import Record, records, verdict
from tests.scenarios.client import refused
from tests.scenarios.importing import NEW, ONE, THREE, TWO, external, import_material
from tests.scenarios.region import DAY_SECONDS, REGIONS, Regions, RegionUnderTest
from tests.scenarios.test_replicas import replicated

HOME, NEAR, FAR = REGIONS
CREATE_KEY = "TrentService.CreateKey"


def events(region: RegionUnderTest, key_id: str) -> list[Record]:
    """The records of what the service did by itself with a key, oldest first."""
    region.run(lambda each: each.audit.step())
    return [
        each
        for each in records(region)
        if "invokedBy" in each["userIdentity"]
        and any(key_id in resource["ARN"] for resource in each["resources"])
    ]


def names(region: RegionUnderTest, key_id: str) -> list[str]:
    return [each["eventName"] for each in events(region, key_id)]


def test_a_rotation_of_a_single_region_key(region: RegionUnderTest) -> None:
    key = region.kms.key()
    before = region.stored(key).current_material
    region.kms("RotateKeyOnDemand", KeyId=key)
    [event] = events(region, key)
    assert event["eventName"] == "RotateKey"
    assert event["eventType"] == "AwsServiceEvent"
    assert event["userIdentity"] == {
        "accountId": region.kms.account,
        "invokedBy": "AWS Internal",
    }
    assert event["requestParameters"] is None
    assert event["serviceEventDetails"] == {
        "rotationType": "ON_DEMAND",
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": before,
        "currentKeyMaterialId": region.stored(key).current_material,
        "keyId": key,
    }
    assert event["resources"][0]["ARN"] == region.kms.arn(key)
    assert "requestID" not in event


def test_a_rotation_that_is_due(regions: Regions) -> None:
    home = regions[HOME]
    key = home.kms.key()
    home.kms("EnableKeyRotation", KeyId=key)
    regions.clock.move(days=366)
    home.step_schedule()
    [event] = events(home, key)
    assert event["serviceEventDetails"]["rotationType"] == "AUTOMATIC"


def test_a_deletion(regions: Regions) -> None:
    home = regions[HOME]
    key = home.kms.key()
    home.kms("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert names(home, key) == []
    regions.clock.move(days=7)
    home.step_schedule()
    [event] = events(home, key)
    assert (event["eventName"], event["eventType"]) == ("DeleteKey", "AwsServiceEvent")
    assert event["eventTime"] == "2026-09-28T14:13:20Z"


def one_call(region: RegionUnderTest, name: str, second: dict[str, Any]) -> None:
    """A region has the first event of the call of which another region has this one."""
    [first] = [
        each for each in records(region) if each["eventName"] == name and "errorCode" not in each
    ]
    for shared in ("requestID", "sharedEventID"):
        assert str(UUID(first[shared])) == second[shared]
    assert len({first["eventID"], second["eventID"], first["sharedEventID"]}) == 3


def test_a_call_that_is_refused_has_no_second_event(regions: Regions) -> None:
    home = regions[HOME]
    key = home.kms.key()
    with refused("UnsupportedOperationException"):
        home.kms("ReplicateKey", KeyId=key, ReplicaRegion=NEAR)
    *_, last = records(home)
    assert last["eventName"] == "ReplicateKey"
    assert "sharedEventID" not in last


def test_a_replica_is_made_and_synchronised(regions: Regions) -> None:
    key = replicated(regions, NEAR)
    home, near = regions[HOME], regions[NEAR]
    [made] = events(near, key)
    assert made["eventName"] == "CreateKey"
    assert made["userIdentity"]["invokedBy"] == "kms.amazonaws.com"
    assert made["responseElements"] == {"keyId": near.kms.arn(key)}
    assert made["requestParameters"]["multiRegion"] is True
    one_call(home, "ReplicateKey", made)
    home.kms("RotateKeyOnDemand", KeyId=key)
    regions.settle()
    regions.work_until(lambda: home.stored(key).materials.pending is None)
    regions.settle()
    assert names(home, key) == ["RotateKey"]
    made, *synchronised = events(near, key)
    assert {each["eventName"] for each in synchronised} == {"SynchronizeMultiRegionKey"}
    last = synchronised[-1]
    assert last["awsRegion"] == NEAR
    assert last["resources"][0]["ARN"] == home.kms.arn(key)
    assert last["responseElements"] == {"keyId": near.kms.arn(key)}


def test_a_primary_that_moves_is_recorded_on_both_sides(regions: Regions) -> None:
    key = replicated(regions, NEAR, FAR)
    home, near, far = regions[HOME], regions[NEAR], regions[FAR]
    home.kms("UpdatePrimaryRegion", KeyId=key, PrimaryRegion=NEAR)
    regions.settle()
    called = [each for each in records(home) if each["eventName"] == "UpdatePrimaryRegion"]
    assert [each["responseElements"] for each in called] == [{"keyId": home.kms.arn(key)}]
    assert names(home, key) == []
    *_, moved = events(near, key)
    assert moved["eventName"] == "UpdatePrimaryRegion"
    assert moved["userIdentity"]["invokedBy"] == "kms.amazonaws.com"
    assert moved["requestParameters"] == {"keyId": near.kms.arn(key), "primaryRegion": NEAR}
    one_call(home, "UpdatePrimaryRegion", moved)
    assert "requestID" not in events(far, key)[-1]
    assert names(far, key)[-1] == "SynchronizeMultiRegionKey"
    assert "UpdatePrimaryRegion" not in names(far, key)


def test_a_forced_promotion_and_the_stepping_down(regions: Regions) -> None:
    key = replicated(regions, NEAR)
    home, near = regions[HOME], regions[NEAR]
    regions.network.away = {HOME}
    near.kms.admin("Promote", from_region=HOME, key_ids=None, dry_run=False)
    _, promoted = events(near, key)
    assert promoted["eventName"] == "PromoteKey"
    assert promoted["eventSource"] == "keyspan"
    lead = {"previousPrimaryRegion": HOME, "primaryRegion": NEAR, "previousEpoch": 1, "epoch": 2}
    assert promoted["serviceEventDetails"] == {"keyId": key, **lead}
    assert names(home, key) == []
    regions.network.away = set()
    regions.settle()
    [stepped_down] = events(home, key)
    assert stepped_down["eventName"] == "StepDownKey"
    assert stepped_down["serviceEventDetails"] == {"keyId": key, **lead}


def test_a_vote_is_an_event_of_the_region_that_votes(regions: Regions) -> None:
    key = replicated(regions, NEAR, FAR)
    near, far = regions[NEAR], regions[FAR]
    regions.network.away = {HOME}
    near.kms.admin("Promote", from_region=HOME, quorum="majority")
    regions.work_until(lambda: names(far, key)[-1] == "VoteForPrimary")
    voted = events(far, key)[-1]
    assert voted["eventSource"] == "keyspan"
    assert voted["serviceEventDetails"] == {"keyId": key, "primaryRegion": NEAR, "epoch": 2}
    assert "VoteForPrimary" not in names(near, key)
    near.kms.admin("Promote", from_region=HOME, quorum="majority", wait_seconds=5.0)
    assert names(near, key)[-1] == "PromoteKey"


def test_an_event_is_written_once_though_a_crash_left_it_in_both_places(
    regions: Regions,
) -> None:
    home = regions[HOME]
    key = home.kms.key()
    home.kms("RotateKeyOnDemand", KeyId=key)

    async def crash(each: Any) -> None:
        """The trail has the outbox's lines, and the outbox has them too."""
        kept = await each.store.audit_outbox(10)
        await each.audit.step()
        async with each.store.transaction() as transaction:
            for _, kind, body in kept:
                transaction._for_audit(kind, body)
        await each.audit._trail.close()
        await each.audit.open()

    home.run(crash)
    assert names(home, key) == ["RotateKey"]


def test_a_call_that_a_crash_interrupted_is_recorded_as_such(regions: Regions) -> None:
    """As if the node had died when the key was in the store and its record nowhere."""
    home = regions[HOME]
    folder = home.region.settings.audit.folder
    routes = home.region.protocol._json._routes
    route = routes[CREATE_KEY]
    crashed: list[tuple[Path, bytes]] = []

    async def dying(call: Any, request: Any) -> None:
        await route.handler(call, request)
        crashed.extend((path, path.read_bytes()) for path in trail_files(folder))
        raise KeyboardInterrupt

    routes[CREATE_KEY] = replace(route, handler=dying)
    with pytest.raises(KeyboardInterrupt):
        home.kms.send(CREATE_KEY, b'{"Description":"half done"}')

    async def again(each: Any) -> None:
        await each.audit.close()
        (folder / "journal").unlink(missing_ok=True)  # it has what the files had not yet
        for path, data in crashed:
            path.write_bytes(data)
        await each.audit.open()

    home.run(again)
    [record] = [each for each in records(home) if each["eventName"] == "CreateKey"]
    assert record["errorCode"] == "KMSInternalException"
    assert record["errorMessage"].startswith("The node ended while it performed the call")
    assert record["requestParameters"]["description"] == "half done"
    assert record["userIdentity"]["arn"] == home.kms.principal_arn
    home.run(again)
    assert len([each for each in records(home) if each["eventName"] == "CreateKey"]) == 1


def test_each_region_witnesses_the_others_and_misses_a_tail(regions: Regions) -> None:
    home, near = regions[HOME], regions[NEAR]
    home.kms.key()
    home.run(lambda each: each.audit.checkpoint())
    regions.settle()
    near.run(lambda each: each.audit.step())
    witnesses = find_witnesses(trail_lines(trail_files(near.region.settings.audit.folder)))
    assert {each.region for each in witnesses} == {HOME}
    settings = home.region.settings
    lines = list(trail_lines(trail_files(settings.audit.folder)))
    whole = verify_trail(lines, settings.identity.public, witnesses)
    assert whole.whole, whole.finding
    assert whole.witnessed == witnesses[-1].sequence
    end = next(number for number, (_, line) in enumerate(lines) if b'"CreateKey"' in line)
    finding = verify_trail(lines[:end], settings.identity.public, witnesses).finding
    assert finding is not None
    assert (finding.damage, finding.sequence) == (Damage.CUT, end + 1)
    assert verdict(near).whole
    assert json.loads(lines[0][1])["opened"]["region"] == HOME


def test_imported_material_is_rotated_and_expires(regions: Regions) -> None:
    home = regions[HOME]
    key = external(home.kms)
    valid_to = regions.clock.now() + 30 * DAY_SECONDS
    first = import_material(home.kms, key, ONE, ValidTo=valid_to)
    assert names(home, key) == [], "a first import is no rotation"
    second = import_material(home.kms, key, TWO, **NEW)
    home.kms("RotateKeyOnDemand", KeyId=key)
    regions.clock.move(days=31)
    home.step_schedule()
    rotated, expired = events(home, key)
    assert rotated["eventName"] == "RotateKey"
    assert rotated["serviceEventDetails"]["previousKeyMaterialId"] == first
    assert rotated["serviceEventDetails"]["currentKeyMaterialId"] == second
    assert rotated["serviceEventDetails"]["keyOrigin"] == "EXTERNAL"
    assert expired["eventName"] == "DeleteExpiredKeyMaterial"
    assert expired["serviceEventDetails"] == {"keyId": key, "keyMaterialId": first}


def test_the_material_that_is_imported_stands_in_no_record(region: RegionUnderTest) -> None:
    key = external(region.kms)
    import_material(region.kms, key, THREE)
    [record] = [each for each in records(region) if each["eventName"] == "ImportKeyMaterial"]
    assert set(record["requestParameters"]) == {"keyId", "expirationModel"}
    assert set(record["responseElements"]) == {"keyId", "keyMaterialId"}
    assert b"\x03\x03\x03" not in json.dumps(records(region)).encode()

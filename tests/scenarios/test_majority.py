"""Forced promotion by majority: asked, voted, counted, refused, and never by surprise."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from node.access.defaults import ADMINISTRATOR_ACCESS
from tests.scenarios.client import refused
from tests.scenarios.region import REGIONS, Regions
from tests.scenarios.test_backup import backed_up, meet, put_back
from tests.scenarios.test_replicas import replicated

HOME, NEAR, FAR = REGIONS


def ask(regions: Regions, region: str, lost: str = HOME, **members: Any) -> dict[str, Any]:
    """One call of Promote with a quorum, which does not wait."""
    answer: dict[str, Any] = regions[region].kms.admin(
        "Promote", from_region=lost, quorum="majority", **members
    )
    return answer


def election(answer: dict[str, Any]) -> dict[str, Any]:
    """The election of the only key of an answer."""
    keys: list[dict[str, Any]] = answer["keys"] + answer["undecided"]
    (key,) = keys
    found: dict[str, Any] = key["election"]
    return found


def voted(regions: Regions, region: str) -> None:
    """Ask in a region, and let the others answer until a majority has voted."""
    ask(regions, region)
    answered(regions, region)


def answered(regions: Regions, region: str) -> None:
    """Let the others answer what a region has asked. To ask once more might use their votes."""

    def won() -> bool:
        found = election(ask(regions, region, dry_run=True))
        return bool(len(found["votes"]) >= found["needed"])

    regions.work_until(won)


def role(regions: Regions, region: str, key_id: str) -> str:
    shown = regions[region].kms.metadata(key_id)["MultiRegionConfiguration"]
    return str(shown["MultiRegionKeyType"])


def leads(regions: Regions, region: str, key_id: str, primary: str) -> bool:
    shared = regions[region].stored(key_id).shared
    return shared is not None and shared.primary == primary


def test_a_majority_without_the_lost_region_promotes(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    blob = regions[HOME].kms.encrypt(key_id)
    regions.network.away = {HOME}
    first = ask(regions, NEAR)
    assert first["keys"] == []
    assert election(first) == {
        "regions": sorted(REGIONS),
        "needed": 2,
        "votes": [NEAR],
        "refusals": [],
        "unanswered": sorted({HOME, FAR}),
        "hopeless": False,
    }
    answered(regions, NEAR)
    second = ask(regions, NEAR)
    assert second["undecided"] == []
    assert [(each["key_id"], each["epoch"]) for each in second["keys"]] == [(key_id, 2)]
    assert election(second)["votes"] == sorted({NEAR, FAR})
    assert role(regions, NEAR, key_id) == "PRIMARY"
    regions.network.away = set()
    regions.settle()
    assert role(regions, HOME, key_id) == "REPLICA"
    assert [regions[each].kms.decrypt(blob) for each in REGIONS] == [b"attack at dawn"] * 3
    states = {regions[each].stored(key_id).shared for each in REGIONS}
    assert len(states) == 1


def test_one_call_may_wait_for_the_votes(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {HOME}
    answer: dict[str, Any] = {"keys": []}

    def promoted() -> bool:
        answer.update(ask(regions, NEAR, wait_seconds=10.0))
        return bool(answer["keys"])

    regions.work_until(promoted)
    assert [each["key_id"] for each in answer["keys"]] == [key_id]


def test_a_minority_promotes_nothing_and_is_told_who_is_missing(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {NEAR}
    ask(regions, NEAR)
    answer = ask(regions, NEAR, withdraw=True)
    assert answer["keys"] == []
    assert election(answer)["unanswered"] == sorted({HOME, FAR})
    assert answer["lost"]["region"] == HOME
    assert set(answer["regions"]) == {HOME, FAR}
    assert leads(regions, NEAR, key_id, HOME)


def test_votes_that_come_too_late_are_not_used(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {NEAR}
    ask(regions, NEAR)
    ask(regions, NEAR, withdraw=True)
    regions.network.away = {HOME}
    regions.settle()
    assert leads(regions, NEAR, key_id, HOME)
    again = ask(regions, NEAR)
    assert (again["keys"], again["undecided"][0]["epoch"]) == ([], 3)
    answered(regions, NEAR)
    assert [each["epoch"] for each in ask(regions, NEAR)["keys"]] == [3]


def test_an_ask_that_nobody_withdrew_ends_by_itself(regions: Regions) -> None:
    """The command was killed; what it asked does not promote, hours later, by another command."""
    replicated(regions, NEAR, FAR)
    regions.network.away = {HOME}
    voted(regions, NEAR)
    regions.clock.move(seconds=601)
    again = ask(regions, NEAR)
    assert (again["keys"], again["undecided"][0]["epoch"]) == ([], 3)


def test_two_candidates_of_one_epoch_are_told_of_each_other(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = set(REGIONS)
    ask(regions, NEAR)
    ask(regions, FAR)
    regions.network.away = {HOME}
    regions.settle()
    for candidate, other in ((NEAR, FAR), (FAR, NEAR)):
        answer = ask(regions, candidate, withdraw=True)
        assert answer["keys"] == []
        why = f"it has voted for {other} at epoch 2"
        assert election(answer)["refusals"] == [{"region": other, "why": why, "code": "voted"}]
        assert election(answer)["unanswered"] == [HOME]
    voted(regions, FAR)
    assert [each["epoch"] for each in ask(regions, FAR)["keys"]] == [3]
    regions.network.away = set()
    regions.settle()
    assert all(leads(regions, each, key_id, FAR) for each in REGIONS)


def test_a_majority_beats_a_promotion_that_asked_nobody(regions: Regions) -> None:
    """Of two regions that sort so, the second has the majority: by order, the first would lead."""
    assert FAR < NEAR
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {FAR}
    voted(regions, NEAR)
    assert [each["epoch"] for each in ask(regions, NEAR)["keys"]] == [2]
    alone = regions[FAR].kms.admin("Promote", from_region=HOME)
    assert [each["epoch"] for each in alone["keys"]] == [2]
    regions.network.away = set()
    regions.settle()
    assert all(leads(regions, each, key_id, NEAR) for each in REGIONS)


def test_a_region_that_voted_takes_a_later_epoch_when_it_asks_nobody(regions: Regions) -> None:
    """It knows of the vote: so its operator's word is the later one."""
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {HOME}
    voted(regions, NEAR)
    alone = regions[FAR].kms.admin("Promote", from_region=HOME)
    assert [each["epoch"] for each in alone["keys"]] == [3]
    ask(regions, NEAR)
    regions.network.away = set()
    regions.settle()
    assert all(leads(regions, each, key_id, FAR) for each in REGIONS)


def test_a_primary_that_voted_hands_over_at_a_later_epoch(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    voted(regions, NEAR)
    regions.network.away = {NEAR}
    regions[HOME].kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=FAR)
    ask(regions, NEAR)
    regions.network.away = set()
    regions.settle()
    assert all(leads(regions, each, key_id, FAR) for each in REGIONS)
    peers = regions[NEAR].kms.status()["peers"].values()
    assert not any(each["refusals"] for each in peers)  # whichever of the two it heard first


def test_a_majority_of_two_regions_is_both(regions: Regions) -> None:
    replicated(regions, NEAR)
    regions.network.away = {HOME}
    planned = election(ask(regions, NEAR, dry_run=True))
    assert (planned["needed"], planned["regions"]) == (2, sorted({HOME, NEAR}))
    ask(regions, NEAR)
    regions.settle()
    assert ask(regions, NEAR)["keys"] == []
    regions.network.away = set()
    voted(regions, NEAR)
    assert len(ask(regions, NEAR)["keys"]) == 1


def test_a_region_that_knows_more_is_not_led_by_one_that_knows_less(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {NEAR}
    home = regions[HOME].kms
    home("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    regions.settle()
    regions.network.away = {HOME}
    ask(regions, NEAR)
    regions.settle()
    answer = ask(regions, NEAR)
    assert answer["keys"] == []
    why = f"it knows a later version than {NEAR}: let it lead instead"
    assert election(answer)["refusals"] == [{"region": FAR, "why": why, "code": "ahead"}]
    assert leads(regions, FAR, key_id, HOME)
    ask(regions, FAR)
    regions.settle()
    ask(regions, FAR, withdraw=True)  # the other one has voted for itself
    voted(regions, FAR)
    assert len(ask(regions, FAR)["keys"]) == 1


def test_an_evicted_region_counts_and_votes(regions: Regions) -> None:
    """Or both sides of a partition could evict the other, and be a majority each."""
    replicated(regions, NEAR, FAR)
    regions[NEAR].kms.admin("EvictRegion", region=FAR)
    regions.network.away = {HOME}
    assert election(ask(regions, NEAR))["needed"] == 2
    answered(regions, NEAR)
    assert len(ask(regions, NEAR)["keys"]) == 1


def test_a_dry_run_asks_nobody(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {HOME}

    def noticed() -> bool:
        states: dict[str, str] = ask(regions, NEAR, dry_run=True)["regions"]
        return states[HOME].startswith("unreachable: ")

    regions.work_until(noticed)
    answer = ask(regions, NEAR, dry_run=True, wait_seconds=10.0)
    (key,) = answer["keys"]
    assert (key["key_id"], key["epoch"]) == (key_id, 2)
    assert election(answer)["votes"] == []
    assert election(answer)["unanswered"] == sorted(REGIONS)
    assert answer["regions"][FAR] == "connected"
    regions.settle()
    assert ask(regions, FAR)["undecided"][0]["epoch"] == 2


def test_what_is_known_of_the_lost_region_is_told(regions: Regions) -> None:
    key_id = replicated(regions, NEAR, FAR)
    regions.network.away = {FAR}
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    regions.work_until(lambda: regions[NEAR].stored(key_id).materials.pending is not None)
    regions.network.away = {HOME, FAR}
    regions.clock.move(seconds=40)
    answer = regions[NEAR].kms.admin("Promote", from_region=HOME, dry_run=True)
    lost = answer["lost"]
    assert lost["rotations"] == 1
    assert lost["end"] - lost["position"] == 0
    assert lost["heard_seconds"] >= 40
    assert lost["entry_seconds"] >= 40


def test_a_restored_region_is_told_how_it_voted_before_it_votes(
    regions: Regions, tmp_path: Path
) -> None:
    """The backup is older than the vote: by itself the region could vote for another now."""
    replicated(regions, NEAR, FAR)
    backup = backed_up(regions, FAR, tmp_path / "backup")
    regions.network.away = {HOME}
    voted(regions, NEAR)
    regions.network.away = set(REGIONS)
    with regions.stopped(FAR) as settings:
        put_back(regions, settings, backup)
    alone = election(ask(regions, FAR))
    assert [(each["region"], each["code"]) for each in alone["refusals"]] == [(FAR, "behind")]
    assert alone["votes"] == []
    regions.network.away = {HOME}
    meet(regions)
    (planned,) = ask(regions, FAR, dry_run=True)["keys"]
    assert planned["epoch"] == 3
    assert len(ask(regions, NEAR)["keys"]) == 1


def test_who_may_not_promote_may_not_ask(regions: Regions) -> None:
    replicated(regions, NEAR)
    stranger = regions[NEAR].user("alice")
    with refused("AccessDeniedException"):
        stranger.admin("Promote", from_region=HOME, quorum="majority")
    allowed = regions[NEAR].user("bob", ADMINISTRATOR_ACCESS.document)
    assert allowed.admin("Promote", from_region=HOME, quorum="majority")["keys"] == []


def test_a_quorum_of_another_kind_is_refused(regions: Regions) -> None:
    promote = partial(regions[NEAR].kms.admin, "Promote", from_region=HOME)
    with refused("ValidationException"):
        promote(quorum="two thirds")

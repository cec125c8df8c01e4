"""`keyspan failover`: what it asks, how long it waits, what it says, and its exit status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from node.cli import main
from node.cluster import ClusterFolder, RegionAddress
from node.cluster.create import create_cluster
from node.cluster.errors import ClusterError
from node.operations.promotions import (
    Election,
    LostRegion,
    PromotedKey,
    PromoteResponse,
    Refusal,
)

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-2"
KEY, OTHER_KEY = "mrk-1f3c5a7e9b2d4c6f8091a2b3c4d5e6f7", "mrk-00000000000000000000000000000001"
LOST = LostRegion(US, "unreachable: ConnectionError", 41, 44, 62.4, 70.0, 1)
REACH = {US: "unreachable: ConnectionError", AP: "connected"}
Scripted = PromoteResponse | BaseException


def election(
    *votes: str, refusals: Sequence[Refusal] = (), regions: Sequence[str] = (AP, EU, US)
) -> Election:
    answered = {*votes, *(each.region for each in refusals)}
    needed = len(regions) // 2 + 1
    return Election(
        regions=list(regions),
        needed=needed,
        votes=list(votes),
        refusals=list(refusals),
        unanswered=[each for each in regions if each not in answered],
        hopeless=len(regions) - len(refusals) < needed,
    )


def key(found: Election | None, key_id: str = KEY) -> PromotedKey:
    return PromotedKey(key_id, f"arn:aws:kms:{EU}:111122223333:key/{key_id}", 2, None, found)


def answer(
    *promoted: PromotedKey, undecided: Sequence[PromotedKey] = (), dry_run: bool = False
) -> PromoteResponse:
    return PromoteResponse(EU, dry_run, LOST, list(promoted), "majority", list(undecided), REACH)


WON = answer(key(election(AP, EU)))
WAITS = answer(undecided=[key(election(EU))])


class Node:
    """What answers in the place of a region's node, as the test has it."""

    def __init__(self) -> None:
        self.script: list[Scripted] = []
        self.requests: list[dict[str, Any]] = []

    def call(self, region: str, _: str, operation: str, request: Any, *, seconds: float) -> bytes:
        assert (region, operation) == (EU, "Promote")
        assert seconds > request["wait_seconds"]
        self.requests.append(dict(request))
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(said, BaseException):
            raise said
        return msgspec.json.encode(said)

    @property
    def withdrew(self) -> list[bool]:
        return [each["withdraw"] for each in self.requests]


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node()
    monkeypatch.setattr("node.cli.failover.AdministrationClient", lambda _: made)
    return made


@pytest.fixture
def failover(
    tmp_path: Path, node: Node, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs the command against the script; gives its exit status and what it said."""
    addresses = [
        RegionAddress(each, port, port + 3) for port, each in enumerate((US, EU, AP), 4601)
    ]
    create_cluster(ClusterFolder(tmp_path), addresses, "111122223333", Random(0).randbytes)

    def run(script: Sequence[Scripted], *words: str) -> tuple[int, str]:
        node.script = list(script)
        chosen = ("--all",) if "--key" not in words else ()
        status = main(
            ["failover", "--from", US, "--to", EU, "--data", str(tmp_path), *chosen, *words]
        )
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


Run = Callable[..., tuple[int, str]]


def test_nobody_is_asked_without_a_quorum(failover: Run, node: Node) -> None:
    alone = msgspec.structs.replace(WON, keys=[key(None)], quorum="none")
    status, said = failover([alone])
    assert status == 0
    assert (node.requests[0]["quorum"], node.requests[0]["wait_seconds"]) == ("none", 0.0)
    assert node.withdrew == [False]
    assert f"{EU} leads 1 key." in said
    assert "Votes" not in said


def test_what_is_known_of_the_lost_region_is_said(failover: Run) -> None:
    _, said = failover([WON])
    assert (
        f"{US}, as {EU} sees it: unreachable: ConnectionError; its log was applied up to entry 41 "
        "of 44 that were seen (3 changes behind); its stream server answered 62 s ago; the last "
        "entry that was applied was made 70 s ago; rotations of its keys in flight: 1."
    ) in said


def test_a_majority_that_comes_ends_the_waiting(failover: Run, node: Node) -> None:
    status, said = failover([WAITS, WAITS, WON], "--quorum", "majority")
    assert status == 0
    assert node.withdrew == [False, False, False]
    assert f"waiting for votes from {AP}, {US} for 1 key" in said
    assert "2 of 3 (2 needed)" in said
    assert f"{EU} leads 1 key." in said


def test_when_time_is_up_the_ask_is_withdrawn(failover: Run, node: Node) -> None:
    status, said = failover([WAITS], "--quorum", "majority", "--wait", "10ms")
    assert status == 1
    assert node.withdrew[-1] is True
    assert f"! {KEY}: no majority. 1 of the 2 votes that are needed came ({EU})." in said
    assert f"!   {AP} has not answered (connected)." in said
    assert f"!   {US} has not answered (unreachable: ConnectionError)." in said
    assert (
        "! Not promoted: 1 key. Votes that come later are not used. Ask again when more regions "
        f"answer; or --quorum none lets {EU} lead on one operator's word."
    ) in said


def test_a_majority_of_two_is_explained(failover: Run) -> None:
    pair = answer(undecided=[key(election(EU, regions=(EU, US)))])
    status, said = failover([pair], "--quorum", "majority", "--wait", "10ms")
    assert status == 1
    assert f"A majority of two regions is both, and {US} is one of them: --quorum none" in said


def test_some_keys_may_be_led_and_others_not(failover: Run, node: Node) -> None:
    both = answer(key(election(AP, EU)), undecided=[key(election(EU), OTHER_KEY)])
    rest = answer(undecided=[key(election(EU), OTHER_KEY)])
    status, said = failover([both, rest], "--quorum", "majority", "--wait", "10ms")
    assert status == 1
    assert f"{EU} leads 1 key." in said
    assert f"! {OTHER_KEY}: no majority." in said
    assert f"! {KEY}" not in said
    assert node.withdrew[-1] is True


def test_a_vote_for_another_is_asked_about_once_more(failover: Run, node: Node) -> None:
    voted = Refusal(AP, f"it has voted for {AP} at epoch 2", "voted")
    refused = answer(undecided=[key(election(EU, refusals=[voted]))])
    status, said = failover([refused, refused, WON], "--quorum", "majority")
    assert (status, node.withdrew) == (0, [False, True, False])
    assert f"{EU} leads 1 key." in said
    node.requests.clear()
    both = [voted, msgspec.structs.replace(voted, region=US)]
    hopeless = answer(undecided=[key(election(EU, refusals=both))])
    status, said = failover([refused, refused, refused, hopeless], "--quorum", "majority")
    assert (status, node.withdrew.count(True)) == (1, 2)
    assert f"!   {AP} does not vote for {EU}: it has voted for {AP} at epoch 2." in said


def test_when_too_many_refuse_nobody_waits_any_longer(failover: Run, node: Node) -> None:
    refusals = [Refusal(each, f"it knows epoch 4, led by {AP}", "epoch") for each in (AP, US)]
    status, _ = failover(
        [answer(undecided=[key(election(EU, refusals=refusals))])], "--quorum", "majority"
    )
    assert (status, node.withdrew) == (1, [False, True])


@pytest.mark.parametrize("mishap", [KeyboardInterrupt(), ClusterError("the line is cut")])
def test_whatever_ends_the_waiting_the_ask_is_withdrawn(
    failover: Run, node: Node, mishap: BaseException
) -> None:
    status, _ = failover([WAITS, mishap, WAITS], "--quorum", "majority")
    assert status != 0
    assert node.withdrew == [False, False, True]


def test_a_dry_run_says_whom_a_majority_consists_of(failover: Run, node: Node) -> None:
    plan = answer(key(election()), dry_run=True)
    status, said = failover([plan], "--quorum", "majority", "--dry-run")
    assert (status, len(node.requests)) == (0, 1)
    assert (
        f"{KEY}: 2 of 3 regions have to vote: {AP} (connected); {EU} (votes for itself); "
        f"{US} (unreachable: ConnectionError)."
    ) in said
    assert f"{EU} would lead 1 key, if a majority votes for it." in said


def test_a_dry_run_says_when_there_can_be_no_majority(failover: Run) -> None:
    plan = answer(key(election(regions=(EU, US))), dry_run=True)
    _, said = failover([plan], "--quorum", "majority", "--dry-run")
    assert "! So few answer now that there is no majority. A majority of two regions is" in said


def test_a_key_that_was_named_and_is_not_led_is_said(failover: Run) -> None:
    status, said = failover([WON], "--quorum", "majority", "--key", KEY, "--key", OTHER_KEY)
    assert status == 1
    assert f"! {OTHER_KEY} is not a key that {US} leads and {EU} holds." in said


def test_a_quorum_of_another_kind_is_a_mistake(failover: Run) -> None:
    status, said = failover([WON], "--quorum", "most")
    assert status == 2
    assert "argument --quorum: invalid choice: 'most'" in said

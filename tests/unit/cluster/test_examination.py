"""The doctor's look at two regions, against answers made here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from node.cluster.client import AdministrationClient
from node.cluster.errors import ClusterError, TimedOut
from node.cluster.examination import Examiner, PairFinding, differences

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-2"
LOOKS = 3


class Nodes:
    """Three nodes. `held` is what each compares with any peer; a resync copies it from the peer."""

    def __init__(self, **held: dict[str, str]) -> None:
        self.held = {US: held["us"], EU: held["eu"], AP: held.get("ap", {})}
        self.asked: list[tuple[str, str]] = []
        self.away: set[str] = set()
        self.mends = True
        self.page = 2

    def call(self, region: str, _: str, operation: str, request: Mapping[str, Any]) -> bytes:
        if region in self.away:
            raise ClusterError(f"{region} does not answer")
        if operation == "RequestResync":
            self.asked.append((region, request["region"]))
            if self.mends:
                self.held[region] |= self.held[request["region"]]
            return b"{}"
        keys = sorted(self.held[region])
        start = int(request["after"] or 0)
        rows = [
            {"name": each, "fingerprint": self.held[region][each]}
            for each in keys[start : start + self.page]
        ]
        following = start + self.page
        after = str(following) if following < len(keys) else None
        return json.dumps({"region": region, "holdings": rows, "next": after}).encode()


def look(condition: Callable[[], bool], _: float, awaited: str) -> bool:
    for _ in range(LOOKS):
        if condition():
            return True
    raise TimedOut(awaited)


def examined(nodes: Nodes, *, mend: bool = True) -> PairFinding:
    client = cast("AdministrationClient", nodes)
    return Examiner(client, dict.fromkeys(nodes.held, ""), 1, 1, look).examine((US, EU), mend=mend)


def test_every_two_regions_are_a_pair() -> None:
    client = cast("AdministrationClient", None)
    pairs = Examiner(client, dict.fromkeys((US, EU, AP), ""), 1, 1).pairs
    assert pairs == [(US, EU), (US, AP), (EU, AP)]


def test_regions_that_hold_the_same() -> None:
    same = {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}
    nodes = Nodes(us=dict(same), eu=dict(same))
    assert examined(nodes) == PairFinding((US, EU), compared=5)
    assert nodes.asked == []


def test_what_differs_is_mended_from_both_sides() -> None:
    nodes = Nodes(us={"a": "1", "b": "2"}, eu={"a": "1", "c": "3"})
    assert examined(nodes) == PairFinding((US, EU), 3, ("b", "c"), (), mending=True)
    assert nodes.asked == [(US, EU), (EU, US)]


def test_a_dry_run_mends_nothing() -> None:
    nodes = Nodes(us={"a": "1"}, eu={"a": "2"})
    finding = examined(nodes, mend=False)
    assert finding == PairFinding((US, EU), 1, ("a",), ("a",))
    assert not finding.well
    assert nodes.asked == []


def test_what_cannot_be_mended_is_told() -> None:
    nodes = Nodes(us={"a": "1"}, eu={"a": "2"})
    nodes.mends = False
    assert examined(nodes) == PairFinding((US, EU), 1, ("a",), ("a",), mending=True)


def test_a_difference_that_passes_by_is_none() -> None:
    nodes = Nodes(us={"a": "1"}, eu={})

    def arriving(condition: Callable[[], bool], seconds: float, awaited: str) -> bool:
        assert not condition()
        nodes.held[EU]["a"] = "1"
        return look(condition, seconds, awaited)

    client = cast("AdministrationClient", nodes)
    examiner = Examiner(client, dict.fromkeys(nodes.held, ""), 1, 1, arriving)
    assert examiner.examine((US, EU), mend=True) == PairFinding((US, EU), compared=1)


@pytest.mark.parametrize("region", [US, EU])
def test_a_region_that_is_away(region: str) -> None:
    nodes = Nodes(us={}, eu={})
    nodes.away = {region}
    finding = examined(nodes)
    assert finding == PairFinding((US, EU), problem=f"{region} does not answer")
    assert not finding.well


def test_differences_are_of_either_side() -> None:
    assert differences({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": "5"}) == (
        "a",
        "c",
        "d",
    )

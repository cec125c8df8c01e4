"""What is asked of which node for a seed, and what is said where a node refuses or is away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from node.cluster.client import AdministrationClient, Refused
from node.cluster.errors import ClusterError
from node.seeds import Seed, SeedAccount, SeedKey, plant
from node.settings import Administrator

ADMINISTRATOR = Administrator(
    "111122223333", "AKIAADMINISTRATOR000", "s" * 40, "arn:aws:iam::111122223333:user/me"
)
ENDPOINTS = {name: f"http://{name}.test" for name in ("us-east-1", "eu-west-1")}
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
KEY = SeedKey(id=MRK, account="111122223333", region="us-east-1", replicas=["eu-west-1"])
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{MRK}"
Asked = tuple[str, str, Mapping[str, Any]]


class Scripted(AdministrationClient):
    """Answers as a test says, and remembers what it was asked."""

    def __init__(self, answer: Callable[[Asked], dict[str, Any]]) -> None:
        super().__init__(ADMINISTRATOR)
        self.asked: list[Asked] = []
        self._script = answer

    def call(
        self,
        region: str,
        endpoint: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        seconds: float = 0.0,
    ) -> bytes:
        assert endpoint == ENDPOINTS[region]
        self.asked.append((region, operation, request))
        return msgspec.json.encode(self._script(self.asked[-1]))


def made(asked: Asked, **changes: Any) -> dict[str, Any]:
    both = ["us-east-1", "eu-west-1"]
    answer = {"arn": ARN, "created": True, "primary": "us-east-1", "regions": both}
    return {**answer, **changes}


def planted(client: Scripted, seed: Seed) -> list[str]:
    return plant(seed, client, ENDPOINTS, lambda _: None, patience_seconds=0.0)


def test_a_key_that_no_region_has_is_made_in_its_own() -> None:
    there: set[str] = set()

    def answer(asked: Asked) -> dict[str, Any]:
        region, _, request = asked
        if region not in there and not request["create"]:
            raise Refused("http://x answers NotFoundException", "NotFoundException")
        there.update(("us-east-1", "eu-west-1"))
        return made(asked)

    client = Scripted(answer)
    assert planted(client, Seed(keys=[KEY])) == [ARN]
    assert [(region, request["create"]) for region, _, request in client.asked] == [
        ("us-east-1", False),
        ("eu-west-1", False),
        ("us-east-1", True),
        ("us-east-1", False),
        ("eu-west-1", False),
    ]


def test_a_key_whose_own_region_lost_it_is_not_made_a_second_time() -> None:
    there = {"eu-west-1"}

    def answer(asked: Asked) -> dict[str, Any]:
        region, _, request = asked
        assert not request["create"]
        if region not in there:
            raise Refused("http://x answers NotFoundException", "NotFoundException")
        regions = sorted(there)
        there.update(request["replicas"])
        return made(asked, created=False, primary="eu-west-1", regions=regions)

    client = Scripted(answer)
    assert planted(client, Seed(keys=[KEY])) == []
    assert there == {"us-east-1", "eu-west-1"}


def test_an_account_is_made_in_every_region() -> None:
    account = SeedAccount(id="444455556666", access_key_id="A" * 20, secret_access_key="s" * 40)
    client = Scripted(lambda _: {"principal": "…"})
    assert planted(client, Seed(accounts=[account])) == []
    assert [(region, name) for region, name, _ in client.asked] == [
        ("us-east-1", "SeedAccount"),
        ("eu-west-1", "SeedAccount"),
    ]


def test_a_refusal_names_the_key() -> None:
    def refuse(_: Asked) -> dict[str, Any]:
        raise Refused("http://x answers AlreadyExistsException: it exists.", "AlreadyExists")

    with pytest.raises(
        ClusterError,
        match=rf"^key {MRK} could not be seeded: http://x answers AlreadyExistsException: it ex",
    ) as caught:
        planted(Scripted(refuse), Seed(keys=[KEY]))
    assert str(caught.value).endswith("exists.")


def test_a_node_that_is_away_is_named() -> None:
    def away(_: Asked) -> dict[str, Any]:
        raise ClusterError("http://x does not answer (connection refused)")

    with pytest.raises(ClusterError, match=r"seeded: http://x does not answer \(connection ref"):
        planted(Scripted(away), Seed(keys=[KEY]))


def test_a_replica_that_does_not_arrive() -> None:
    def nowhere(asked: Asked) -> dict[str, Any]:
        if asked[0] == "eu-west-1":
            raise Refused("http://x answers NotFoundException: no key", "NotFoundException")
        return made(asked)

    with pytest.raises(ClusterError, match=f"the replica of {MRK} is not in eu-west-1"):
        planted(Scripted(nowhere), Seed(keys=[KEY]))

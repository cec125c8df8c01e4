"""Asks the nodes of a cluster for what a seed says, key by key, region by region.

Each key is made by the node of its region, if no region has it, and offered to the regions of its
replicas by the primary as any key is; the others are asked when it has arrived there. Twice is as
good as once.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from node.cluster.client import AdministrationClient, Refused
from node.cluster.errors import ClusterError
from node.cluster.waiting import eventually
from node.operations.seed_requests import SeedKeyResponse
from node.seeds.document import Seed, SeedKey
from node.seeds.material import given_material

REPLICA_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 60.0  # RSA keys of 4096 bits take seconds to make
_NOT_YET: Final = "NotFoundException"


def plant(
    seed: Seed,
    client: AdministrationClient,
    endpoints: Mapping[str, str],
    progress: Callable[[str], None],
    patience_seconds: float = REPLICA_SECONDS,
) -> list[str]:
    """Make what the seed says. Returns the ARNs of the keys that were not there before.

    `endpoints` are those of every region; `progress` is told what is done next; a replica may take
    `patience_seconds` to arrive. Raises ClusterError, one sentence, for what a node refuses.
    """
    planter = _Planter(client, endpoints, patience_seconds)
    for account in seed.accounts:
        progress(f"Seeding account {account.id}")
        request = {
            "account": account.id,
            "access_key_id": account.access_key_id,
            "secret_access_key": account.secret_access_key,
        }
        for region in endpoints:
            planter.ask(region, "SeedAccount", request, f"account {account.id}")
    made = []
    for number, key in enumerate(seed.keys, start=1):
        progress(f"Seeding key {number} of {len(seed.keys)}: {key.id}")
        answer = planter.plant(key)
        if answer.created:
            made.append(answer.arn)
    return made


class _Planter:
    def __init__(
        self,
        client: AdministrationClient,
        endpoints: Mapping[str, str],
        patience_seconds: float,
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._patience_seconds = patience_seconds

    def plant(self, key: SeedKey) -> SeedKeyResponse:
        """Make one key in all of its regions, or make it what the seed says."""
        home = str(key.region)
        answer = self._found(key) or self._seed(home, key, create=True)
        wanted = (home, *key.replicas)
        if not set(wanted) <= set(answer.regions):
            self._seed(answer.primary, key)
        for region in wanted:
            self._seed_when_there(region, key)
        return answer

    def _found(self, key: SeedKey) -> SeedKeyResponse | None:
        """The answer of a region that has the key. A related key may be anywhere by now, as keys
        are promoted and replicas deleted; there must not be two keys of one ID.
        """
        home = str(key.region)
        others = [each for each in self._endpoints if each != home] if key.multi_region else []
        for region in (home, *others):
            answer = self._seeded(region, key)
            if answer is not None:
                return answer
        return None

    def ask(self, region: str, operation: str, request: Mapping[str, object], what: str) -> bytes:
        """A node's answer. Raises ClusterError that tells of what it was asked."""
        endpoint = self._endpoints[region]
        try:
            return self._client.call(region, endpoint, operation, request, seconds=ANSWER_SECONDS)
        except ClusterError as error:
            sentence = f"{what} could not be seeded: {str(error).rstrip('.')}."
            if isinstance(error, Refused):
                raise Refused(sentence, error.code) from None
            raise ClusterError(sentence) from None

    def _seed_when_there(self, region: str, key: SeedKey) -> None:
        awaited = f"the replica of {key.id} is not in {region}; see `keyspan status`"
        eventually(lambda: self._seeded(region, key), self._patience_seconds, awaited)

    def _seeded(self, region: str, key: SeedKey) -> SeedKeyResponse | None:
        """A region's answer if it has the key."""
        try:
            return self._seed(region, key)
        except Refused as refusal:
            if refusal.code != _NOT_YET:
                raise
            return None

    def _seed(self, region: str, key: SeedKey, *, create: bool = False) -> SeedKeyResponse:
        material = given_material(key)
        request = {
            "account": key.account,
            "key_id": key.id,
            "key_spec": key.spec,
            "key_usage": key.usage,
            "description": key.description,
            "policy": key.policy,
            "tags": key.tags,
            "aliases": key.aliases,
            "replicas": [each for each in (key.region, *key.replicas) if each != region],
            "create": create,
            "material": None if material is None else base64.b64encode(material).decode("ascii"),
        }
        return msgspec.json.decode(
            self.ask(region, "SeedKey", request, f"key {key.id}"), type=SeedKeyResponse
        )

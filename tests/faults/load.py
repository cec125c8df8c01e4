"""Clients that make and replicate keys in every region, and the ledger of what they were answered.

A call that was answered with 200 is *acknowledged*: the region owes it for ever. A call that lost
its answer (its node was killed) may have happened or not; a replication is asked for again until it
is answered, a lost CreateKey is only counted.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from random import Random
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from tests.harness.cluster import Cluster

AWAY = EndpointConnectionError  # nobody listened: the call was never made
LOST = HTTPClientError  # the call was made, and its answer lost
RETRY_SECONDS = 0.05


class Ledger:
    """What every region owes: keys by their primary's region, and their acknowledged replicas."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.homes: dict[str, str] = {}
        self.replicas: dict[str, set[str]] = {}
        self.asked: set[tuple[str, str]] = set()
        self.lost_creations: Counter[str] = Counter()
        self.lost_answers = 0
        self._recent: set[str] = set()

    def created(self, key_id: str, home: str) -> None:
        with self._lock:
            self.homes[key_id] = home
            self.replicas[key_id] = set()
            self._recent.add(key_id)

    def replicated(self, key_id: str, region: str) -> None:
        with self._lock:
            self.replicas[key_id].add(region)
            self._recent.add(key_id)

    def asks(self, key_id: str, region: str) -> None:
        """A replication is about to be asked for: from now on it may be there."""
        with self._lock:
            self.asked.add((key_id, region))

    def lost_creation(self, home: str) -> None:
        """The answer to a CreateKey was lost: there may be a key that nobody knows of."""
        with self._lock:
            self.lost_creations[home] += 1

    def lost_answer(self) -> None:
        with self._lock:
            self.lost_answers += 1

    def take_recent(self) -> list[str]:
        """The keys of which something was acknowledged since the last call."""
        with self._lock:
            recent, self._recent = self._recent, set()
            return sorted(recent)

    def key_ids(self) -> list[str]:
        with self._lock:
            return list(self.homes)

    @property
    def acknowledged(self) -> int:
        """How many calls were answered with 200."""
        with self._lock:
            return len(self.homes) + sum(map(len, self.replicas.values()))


def new_key(cluster: Cluster, ledger: Ledger, home: str, replicas: Sequence[str]) -> str:
    """A new multi-Region key of `home` with these replicas, every call answered with 200."""
    kms = cluster.kms(home)
    key_id: str = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    ledger.created(key_id, home)
    for region in replicas:
        ledger.asks(key_id, region)
        kms.replicate_key(KeyId=key_id, ReplicaRegion=region)
        ledger.replicated(key_id, region)
    return key_id


class Load:
    """Threads of clients, some in each region, while the `with` block runs.

    They do nothing before `allow()` gives them calls to make, and nothing during `paused()`.
    """

    def __init__(self, cluster: Cluster, random: Random, clients_per_region: int = 2) -> None:
        self.ledger = Ledger()
        self._cluster = cluster
        self._calls = threading.Semaphore(0)
        self._ended = threading.Event()
        self._failures: list[BaseException] = []
        self._turns: list[threading.Lock] = []
        self._threads = [
            self._thread(region, Random(random.random()))
            for region in cluster.names
            for _ in range(clients_per_region)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._calls.release(len(self._threads))
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def allow(self, calls: int) -> None:
        """Let the clients of all regions make so many more calls."""
        self._calls.release(calls)

    @property
    def idle(self) -> bool:
        """Whether every call that was allowed was made, or is under way."""
        if self._failures:
            raise self._failures[0]
        granted = self._calls.acquire(blocking=False)
        if granted:
            self._calls.release()
        return not granted

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No call is under way while the block runs."""
        with ExitStack() as stack:
            for turn in self._turns:
                stack.enter_context(turn)
            yield
        if self._failures:
            raise self._failures[0]

    def _thread(self, region: str, random: Random) -> threading.Thread:
        turn = threading.Lock()
        self._turns.append(turn)
        client = Client(self._cluster.kms(region), region, self._cluster.names, self.ledger, random)
        return threading.Thread(target=self._run, args=(client, turn), name=f"load {region}")

    def _run(self, client: Client, turn: threading.Lock) -> None:
        try:
            while self._calls.acquire() and not self._ended.is_set():
                with turn:
                    answered = client.call()
                if not answered:
                    self._ended.wait(RETRY_SECONDS)  # its node is away
        except BaseException as failure:  # noqa: BLE001  told by __exit__ and paused()
            self._failures.append(failure)


class Client:
    """One client of one region, with keys of its own."""

    def __init__(
        self, kms: Any, home: str, regions: Sequence[str], ledger: Ledger, random: Random
    ) -> None:
        self._kms = kms
        self._home = home
        self._others = [region for region in regions if region != home]
        self._ledger = ledger
        self._random = random
        self._wanted: list[tuple[str, str]] = []  # replications to ask for

    def call(self) -> bool:
        """Make one call, of a kind that is left to chance. Returns whether it was answered."""
        try:
            if self._wanted and self._random.random() < 0.75:
                self._replicate()
            else:
                self._create()
        except AWAY:
            return False
        except LOST:
            self._ledger.lost_answer()
            return False
        return True

    def _create(self) -> None:
        try:
            key_id = self._kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        except AWAY:
            raise
        except LOST:
            self._ledger.lost_creation(self._home)
            raise
        self._ledger.created(key_id, self._home)
        self._wanted += [(key_id, region) for region in self._others]

    def _replicate(self) -> None:
        wanted = self._wanted[self._random.randrange(len(self._wanted))]
        key_id, region = wanted
        self._ledger.asks(key_id, region)
        try:
            self._kms.replicate_key(KeyId=key_id, ReplicaRegion=region)
        except ClientError as error:  # asked before, and the answer was lost
            if error.response["Error"]["Code"] != "AlreadyExistsException":
                raise
        self._wanted.remove(wanted)
        self._ledger.replicated(key_id, region)

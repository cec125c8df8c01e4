"""Replications asked for and seen arriving, each in a process of its own, so that neither the
clients nor whoever watches them stand in each other's way.

`ask` runs the clients of one region; `watch` looks at the SQLite file of another, and so sees a
replica at the moment of its commit, from which on every client finds it Enabled. All times are
those of the machine's one wall clock.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.faults.store_file import StoreFile

LOOK_SECONDS = 0.001
THREADS = 8


@dataclass(frozen=True, slots=True)
class Access:
    """How a client reaches a region."""

    region: str
    endpoint: str
    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A replication to ask for."""

    key_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Times:
    """When a region was asked for the first and answered each of its replications."""

    began: float
    answered: dict[Wanted, float]


def ask(access: Access, wanted: Sequence[Wanted]) -> Times:
    """Ask for all the replications of one region's keys at once."""
    kms = _client(access)
    kms.list_keys(Limit=1)  # the connection and the signing key are there

    def replicate(each: Wanted) -> tuple[Wanted, float]:
        kms.replicate_key(KeyId=each.key_id, ReplicaRegion=each.region)
        return each, time.time()

    with ThreadPoolExecutor(THREADS) as pool:
        began = time.time()
        return Times(began, dict(pool.map(replicate, wanted)))


def watch(store: Path, row: int, count: int, timeout_seconds: float) -> dict[str, float]:
    """When each key after `row` was committed; ends with `count` of them or after the time."""
    seen: dict[str, float] = {}
    deadline = time.time() + timeout_seconds
    with closing(StoreFile(store)) as file:
        while len(seen) < count and time.time() < deadline:
            found = file.keys_after(row)
            seen.update(dict.fromkeys((key_id for _, key_id in found), time.time()))
            row = found[-1][0] if found else row
            time.sleep(LOOK_SECONDS)  # a figure, not a verdict: the grain of what is reported
    return seen


def _client(access: Access) -> Any:
    return boto3.client(
        "kms",
        region_name=access.region,
        endpoint_url=access.endpoint,
        aws_access_key_id=access.access_key_id,
        aws_secret_access_key=access.secret_access_key,
        config=Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}),
    )

"""Nothing that a region does often reads every key it holds, say SQLite's plans of its statements.

The plan of a statement depends on the tables and their indexes, not on how many rows there are, so
that three keys show what a million would cost.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from node.assembly import Region
from node.store.inline_sqlite import Connection
from node.store.statements import Statement
from tests.scenarios.region import REGIONS, Regions
from tests.scenarios.test_replicas import replicated

HOME, NEAR, FAR = REGIONS
READS_ALL = re.compile(r"SCAN (keys|materials|aliases|grants|gone_replicas)\b")
ONE_IS_ENOUGH = "SELECT materials.sealed \nFROM materials\n LIMIT"  # is it our root key's?


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every statement that any region's store is told from now on."""
    statements: set[str] = set()

    def noting(verb: Callable[..., Any]) -> Callable[..., Any]:
        def noted(connection: Connection, statement: Statement, *bound: Any) -> Any:
            statements.add(statement.made.text)
            return verb(connection, statement, *bound)

        return noted

    for name in ("rows", "first", "value", "run", "run_many"):
        monkeypatch.setattr(Connection, name, noting(getattr(Connection, name)))
    return statements


@pytest.fixture
def reading_all(regions: Regions) -> Iterator[Callable[[str], list[str]]]:
    """Tells the parts of a statement's plan that read a whole table of those that grow."""
    file = regions[HOME].region.settings.store_file
    assert file.exists()
    with closing(sqlite3.connect(file)) as database:

        def found(statement: str) -> list[str]:
            if not statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
                return []
            unbound = dict.fromkeys(re.findall(r":(\w+)", statement))
            plan = database.execute(f"EXPLAIN QUERY PLAN {statement}", unbound).fetchall()
            return [detail for *_, detail in plan if READS_ALL.match(detail)]

        yield found


def work(regions: Regions) -> None:
    """What regions do every second, at a start, and at a call; once each."""
    kms = regions[HOME].kms
    key_id = replicated(regions, NEAR, FAR)
    kms("CreateAlias", AliasName="alias/one", TargetKeyId=key_id)
    kms("CreateGrant", KeyId=key_id, GranteePrincipal=kms.principal_arn, Operations=["Decrypt"])
    for name, members in (
        ("ListKeys", {}),
        ("ListAliases", {}),
        ("ListAliases", {"KeyId": key_id}),
        ("ListGrants", {"KeyId": key_id}),
        ("ListRetirableGrants", {"RetiringPrincipal": kms.principal_arn}),
        ("ListKeyRotations", {"KeyId": key_id}),
    ):
        kms(name, **members)
        kms(name, Limit=1, **members)
    kms("RotateKeyOnDemand", KeyId=key_id)
    kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=NEAR)
    regions.settle()
    kms("ScheduleKeyDeletion", KeyId=kms.key(), PendingWindowInDays=7)
    regions.clock.move(days=8)
    assert regions[HOME].step_schedule() == 1
    with regions.stopped(HOME):
        pass
    regions.settle()
    for name in REGIONS:
        for _ in range(2):
            regions[name].run(tell)
    regions[HOME].kms.admin("RequestResync", region=FAR)
    regions.settle(passing_seconds=0.1)
    regions[HOME].kms.admin("ListHoldings", region=NEAR, after="directory")
    regions[HOME].run(lambda region: region.store.trim_changes())


async def tell(region: Region) -> None:
    assert await region.comparison.tell()


def test_no_statement_reads_every_key(
    regions: Regions, said: set[str], reading_all: Callable[[str], list[str]]
) -> None:
    work(regions)
    assert sum("keys" in each for each in said) > 15
    wrong = {each: found for each in said if (found := reading_all(each))}
    assert {each for each in wrong if not each.startswith(ONE_IS_ENOUGH)} == set()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM keys",
        "SELECT min(deletion_date), min(rotation_due) FROM keys",
        "SELECT count(*) FROM keys WHERE shared IS NOT NULL",
        "SELECT key_id FROM aliases WHERE name = :this",
        "DELETE FROM keys WHERE state = :this",
        "UPDATE materials SET position = 1",
    ],
)
def test_a_statement_that_would_is_noticed(
    statement: str, reading_all: Callable[[str], list[str]]
) -> None:
    assert reading_all(statement)

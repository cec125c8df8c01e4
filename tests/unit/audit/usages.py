"""A trail in which keys are used, kept by the service of a node."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from node.audit.auditor import Auditor
from node.audit.lines import Checkpoint
from node.audit.service import AuditService, Keeping, Nothing
from node.audit.sink import Rules
from node.audit.times import iso_time
from node.audit.usage import BEFORE_ALL, Count
from tests.unit.audit.trails import IDENTITY, REGION, START

ACCOUNT = "111122223333"
MOST = 10_000


@dataclass
class Clock:
    """A second passes with each use of a key."""

    moment: float = START

    def now(self) -> float:
        return self.moment


def service(folder: Path, clock: Clock, rules: Rules | None = None) -> AuditService:
    """A trail's service, that is not open yet."""
    numbers = count()
    auditor = Auditor(REGION, ACCOUNT, clock, lambda: f"event {next(numbers)}")
    keeping = Keeping(folder, rules or Rules())
    return AuditService(auditor, keeping, IDENTITY, os.urandom, clock, Nothing(), announced)


async def announced(made: Checkpoint) -> None:
    """Nobody is told of checkpoints."""


def arn(key: str) -> str:
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"


def use(kept: AuditService, clock: Clock, key: str, *, served: bool = True) -> None:
    """Encrypt once with a key, or in vain."""
    clock.moment += 1.0
    record = {
        "eventVersion": "1.11",
        "eventSource": "kms.amazonaws.com",
        "eventName": "Encrypt",
        "eventTime": iso_time(clock.moment),
        "eventID": kept.auditor.new_event_id(),
        "requestID": f"of {clock.moment}",
        "userIdentity": {"arn": "alice"},
        "resources": [{"ARN": arn(key)}],
    }
    if not served:
        record["errorCode"] = "DisabledException"
    kept.auditor.add(json.dumps(record, separators=(",", ":")).encode())


async def told(kept: AuditService) -> list[Count]:
    """Every total."""
    return (await kept.usage(BEFORE_ALL, MOST)).counts

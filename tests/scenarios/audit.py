"""The audit trail of a region under test, as it stands on the disk."""

from __future__ import annotations

import json
from typing import Any

from node.audit.folder import trail_files, trail_lines
from node.audit.verification import Verdict, verify_trail
from tests.scenarios.region import RegionUnderTest

Record = dict[str, Any]


def records(region: RegionUnderTest) -> list[Record]:
    """Every record, oldest first."""
    lines = trail_lines(trail_files(region.region.settings.audit.folder))
    documents = (json.loads(line) for _, line in lines)
    return [each["record"] for each in documents if "record" in each]


def recorded(region: RegionUnderTest, name: str) -> Record:
    """The last record of an event."""
    return next(each for each in reversed(records(region)) if each["eventName"] == name)


def verdict(region: RegionUnderTest) -> Verdict:
    """What verification says of the trail."""
    settings = region.region.settings
    return verify_trail(trail_lines(trail_files(settings.audit.folder)), settings.identity.public)

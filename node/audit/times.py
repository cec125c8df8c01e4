"""Times as CloudTrail writes them."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime


def iso_time(moment: float) -> str:
    """`2026-11-26T18:00:00Z`: to the second, as `eventTime` is."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def epoch_seconds(text: str) -> int:
    """The moment that iso_time() wrote. Raises ValueError for another text."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def long_date(moment: float) -> str:
    """`Apr 12, 2021 18:58:30 PM`: a date within responseElements, as KMS has it there.

    Callers may write a moment that no calendar has; it is shown as the number that it is.
    Source: KMS Developer Guide, "Logging AWS KMS API calls", ScheduleKeyDeletion.
    """
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%b %d, %Y %H:%M:%S %p")
    except (ValueError, OverflowError, OSError):
        return str(moment)

"""The time of a signature: where a request says it, its form, and how far off it may be.

Source: AWS General Reference, "Handling dates in Signature Version 4": `x-amz-date` goes before
`date`, ISO 8601 basic format in UTC without fractions (`date` may also be an HTTP date, RFC 9110,
5.6.7). A signature is good for some minutes on either side of the node's clock: five for most
services, fifteen for STS and IAM (recorded answers of both).
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from node.model import errors

_BASIC_FORMAT = "%Y%m%dT%H%M%SZ"
_BASIC = re.compile("[0-9]{8}T[0-9]{6}Z")


class Dated(NamedTuple):
    """A request's timestamp, and the name of the header that it came in."""

    timestamp: str
    header: str


def basic_format(moment: float) -> str:
    """Epoch seconds as `20260102T030405Z`."""
    return time.strftime(_BASIC_FORMAT, time.gmtime(moment))


def read_timestamp(headers: Mapping[str, str]) -> Dated:
    """The request's time, from one of the two headers, of which one is there.

    Raises IncompleteSignature for an HTTP date that is none.
    """
    timestamp = headers.get("x-amz-date")
    if timestamp is not None:
        return Dated(timestamp, "x-amz-date")
    date = headers["date"]
    return Dated(date if _BASIC.fullmatch(date) else _from_http_date(date), "date")


def check_timestamp(timestamp: str, now: float, minutes: int) -> None:
    """Within `minutes` of `now`. Raises IncompleteSignature or InvalidSignature."""
    check_skew(timestamp, epoch_seconds(timestamp), now, minutes)


def check_skew(timestamp: str, signed: float, now: float, minutes: int) -> None:
    """As `check_timestamp`, where it is known that `timestamp` means `signed`."""
    seconds = 60 * minutes
    if signed < now - seconds:
        raise errors.InvalidSignature(
            f"Signature expired: {timestamp} is now earlier than "
            f"{basic_format(now - seconds)} ({basic_format(now)} - {minutes} min.)"
        )
    if signed > now + seconds:
        raise errors.InvalidSignature(
            f"Signature not yet current: {timestamp} is still later than "
            f"{basic_format(now + seconds)} ({basic_format(now)} + {minutes} min.)"
        )


def epoch_seconds(timestamp: str) -> float:
    """What a timestamp in basic format means. Raises IncompleteSignature."""
    if _BASIC.fullmatch(timestamp) is None:  # fromisoformat alone would take other forms too
        raise _not_basic_format(timestamp)
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except ValueError:  # the 13th month, the 61st second
        raise _not_basic_format(timestamp) from None


def _from_http_date(date: str) -> str:
    try:
        moment = parsedate_to_datetime(date)
        if moment.tzinfo is None:  # "-0000": UTC, from a place unknown (RFC 5322, 3.3)
            moment = moment.replace(tzinfo=UTC)
        return basic_format(moment.timestamp())
    except (ValueError, OverflowError, OSError):
        raise _not_basic_format(date) from None


def _not_basic_format(date: str) -> errors.IncompleteSignature:
    return errors.IncompleteSignature(
        f"Date must be in ISO-8601 'basic format'. Got '{date}'. "
        "See http://en.wikipedia.org/wiki/ISO_8601"
    )

"""Why somebody is turned away before there is a call. After bytes that are no request, nothing more
is read.
"""

from __future__ import annotations

from enum import Enum


class Refusal(Enum):
    """What is wrong, in words for the log."""

    MALFORMED = "malformed HTTP"
    MALFORMED_BODY = "a malformed body"
    UNKNOWN_EXPECTATION = "an unknown expectation"
    UPGRADE_WITH_BODY = "an upgrade with a body"
    TOO_LARGE = "a body that is too long"
    TOO_SLOW = "a body that took too long"
    TOO_SLOW_HEAD = "headers that took too long"
    TOO_MANY_CONNECTIONS = "a connection more than may be open"
    TOO_MANY_OF_ADDRESS = "a connection more than one address may have"
    TOO_MANY_REQUESTS = "a request more than one address may make in a second"

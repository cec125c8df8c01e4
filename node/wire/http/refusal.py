"""Why bytes are not taken as a request. Whatever the reason, nothing more is read after it."""

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

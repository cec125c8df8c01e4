"""The plain form of asks and votes for a promotion, and of what is said about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from replication.packing import typed
from replication.payloads import (
    PromotionAsked,
    PromotionRefused,
    PromotionVoted,
    VoteReturned,
    WhyNot,
)
from replication.shared import pack_shared, unpack_shared


def pack_asked(payload: PromotionAsked) -> dict[str, Any]:
    """The fields of an ask."""
    return {
        "shared": pack_shared(payload.shared),
        "epoch": payload.epoch,
        "regions": list(payload.regions),
    }


def unpack_asked(fields: Mapping[str, Any]) -> PromotionAsked:
    """An ask. KeyError, TypeError, ValueError or Malformed if a field is missing or wrong."""
    shared = unpack_shared(typed(dict, fields["shared"]))
    return PromotionAsked(shared, typed(int, fields["epoch"]), _names(fields["regions"]))


def pack_voted(payload: PromotionVoted) -> dict[str, Any]:
    """The fields of a vote."""
    return {
        "key_id": payload.key_id,
        "epoch": payload.epoch,
        "candidate": payload.candidate,
        "regions": list(payload.regions),
    }


def unpack_voted(fields: Mapping[str, Any]) -> PromotionVoted:
    """A vote. KeyError, TypeError or ValueError if a field is missing or wrong."""
    return PromotionVoted(
        typed(str, fields["key_id"]),
        typed(int, fields["epoch"]),
        typed(str, fields["candidate"]),
        _names(fields["regions"]),
    )


def pack_refused(payload: PromotionRefused) -> dict[str, Any]:
    """The fields of a refusal."""
    return {
        "key_id": payload.key_id,
        "epoch": payload.epoch,
        "candidate": payload.candidate,
        "why": payload.why.value,
        "known_epoch": payload.known_epoch,
        "known_region": payload.known_region,
    }


def unpack_refused(fields: Mapping[str, Any]) -> PromotionRefused:
    """A refusal. KeyError, TypeError or ValueError if a field is missing or wrong."""
    return PromotionRefused(
        typed(str, fields["key_id"]),
        typed(int, fields["epoch"]),
        typed(str, fields["candidate"]),
        WhyNot(typed(str, fields["why"])),
        typed(int, fields["known_epoch"]),
        typed(str, fields["known_region"]),
    )


def pack_returned(payload: VoteReturned) -> dict[str, Any]:
    """The fields of a returned vote."""
    return {"key_id": payload.key_id, "receiver": payload.receiver, "epoch": payload.epoch}


def unpack_returned(fields: Mapping[str, Any]) -> VoteReturned:
    """A returned vote. KeyError, TypeError or ValueError if a field is missing or wrong."""
    return VoteReturned(
        typed(str, fields["key_id"]), typed(str, fields["receiver"]), typed(int, fields["epoch"])
    )


def _names(value: Any) -> tuple[str, ...]:
    return tuple(typed(str, each) for each in typed(list, value))

"""The plain form of payloads: maps of msgpack values, by kind.

Fields that a newer node added are ignored here (and kept by the entry's own bytes, which are what
is signed); a kind that is not in the table is Malformed, because skipping a change that one does
not understand would lose it. Only a remark, whose kind begins with "remark-", changes nothing: a
node that does not know it goes on behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from replication import vote_forms
from replication.errors import Malformed
from replication.packing import optional as _optional
from replication.packing import pack_rotated, unpack_rotated
from replication.packing import typed as _of
from replication.payloads import (
    Acknowledged,
    AuditCheckpointed,
    DigestsTold,
    FactStamp,
    FactsTold,
    ImportReported,
    MaterialsContributed,
    Offer,
    Payload,
    PeerDigest,
    PromotionAsked,
    PromotionRefused,
    PromotionVoted,
    RelatedKeysChanged,
    Remark,
    ReplicaDeleted,
    ResyncBegun,
    ResyncEnded,
    ResyncRequested,
    ToldFact,
    VoteReturned,
)
from replication.position import DIGEST_BYTES, LOG_ID_BYTES, NOTHING, NOWHERE, Applied, Position
from replication.shared import pack_shared, unpack_shared

SIGNATURE_BYTES: Final = 64  # Ed25519 (RFC 8032)
REMARK_PREFIX: Final = "remark-"
REQUEST_ID_MOST: Final = 64  # characters; it goes into the audit trail


def _pack_offer(offer: Offer) -> dict[str, Any]:
    return {
        "region": offer.region,
        "as_of": _pack_position(offer.as_of),
        "anew": offer.anew,
        "materials": list(offer.material_ids),
        "sealed": offer.sealed,
    }


def _unpack_offer(fields: Mapping[str, Any]) -> Offer:
    return Offer(
        region=_of(str, fields["region"]),
        as_of=_unpack_position(fields["as_of"]),
        anew=_of(bool, fields["anew"]),
        material_ids=tuple(_of(str, each) for each in _of(list, fields["materials"])),
        sealed=_of(bytes, fields["sealed"]),
    )


def _pack_changed(payload: RelatedKeysChanged) -> dict[str, Any]:
    offers = [_pack_offer(each) for each in payload.offers]
    fields = {
        "shared": pack_shared(payload.shared),
        "offers": offers,
        "handed_back": payload.handed_back,
    }
    asked = {} if payload.request_id is None else {"request_id": payload.request_id}
    return fields | asked


def _unpack_changed(fields: Mapping[str, Any]) -> RelatedKeysChanged:
    return RelatedKeysChanged(
        unpack_shared(_of(dict, fields["shared"])),
        _unpack_offers(fields["offers"]),
        _of(bool, fields["handed_back"]),
        _unpack_request_id(fields.get("request_id")),
    )


def _unpack_request_id(value: Any) -> str | None:
    request_id: str | None = _optional(str, value)
    if request_id is not None and len(request_id) > REQUEST_ID_MOST:
        raise ValueError
    return request_id


def _unpack_offers(fields: Any) -> tuple[Offer, ...]:
    return tuple(_unpack_offer(_of(dict, each)) for each in _of(list, fields))


def _pack_contributed(payload: MaterialsContributed) -> dict[str, Any]:
    return {
        "account": payload.account,
        "key_id": payload.key_id,
        "epoch": payload.epoch,
        "history": [pack_rotated(each) for each in payload.history],
        "offers": [_pack_offer(each) for each in payload.offers],
    }


def _unpack_contributed(fields: Mapping[str, Any]) -> MaterialsContributed:
    return MaterialsContributed(
        account=_of(str, fields["account"]),
        key_id=_of(str, fields["key_id"]),
        epoch=_of(int, fields["epoch"]),
        history=tuple(unpack_rotated(each) for each in _of(list, fields["history"])),
        offers=_unpack_offers(fields["offers"]),
    )


def _pack_acknowledged(payload: Acknowledged) -> dict[str, Any]:
    return {"entries": [[region, _pack_applied(each)] for region, each in payload.entries]}


def _unpack_acknowledged(fields: Mapping[str, Any]) -> Acknowledged:
    return Acknowledged(
        tuple((_of(str, region), _unpack_applied(each)) for region, each in fields["entries"])
    )


def _pack_import(payload: ImportReported) -> dict[str, Any]:
    return {
        "key_id": payload.key_id,
        "material_id": payload.material_id,
        "since": payload.since,
        "held": payload.held,
    }


def _unpack_import(fields: Mapping[str, Any]) -> ImportReported:
    return ImportReported(
        _of(str, fields["key_id"]),
        _of(str, fields["material_id"]),
        _of(float, fields["since"]),
        _of(bool, fields["held"]),
    )


def _pack_deleted(payload: ReplicaDeleted) -> dict[str, Any]:
    earlier = {"log_id": payload.log_id} if payload.log_id else {}
    return {"key_id": payload.key_id, "first": payload.first, **earlier}


def _unpack_deleted(fields: Mapping[str, Any]) -> ReplicaDeleted:
    log_id = _sized(fields["log_id"], LOG_ID_BYTES) if "log_id" in fields else b""
    return ReplicaDeleted(_of(str, fields["key_id"]), _optional(int, fields["first"]), log_id)


def _pack_resync(payload: ResyncBegun | ResyncEnded) -> dict[str, Any]:
    return {"receiver": payload.receiver, "request": payload.request}


def _unpack_resync(fields: Mapping[str, Any]) -> tuple[str, bytes]:
    return _of(str, fields["receiver"]), _sized(fields["request"], DIGEST_BYTES)


def _pack_digests(payload: DigestsTold) -> dict[str, Any]:
    digests = [[each.region, _pack_applied(each.applied), each.digest] for each in payload.digests]
    return {"prefix": payload.prefix, "digests": digests}


def _unpack_digests(fields: Mapping[str, Any]) -> DigestsTold:
    digests = (
        PeerDigest(_of(str, region), _unpack_applied(applied), _sized(digest, DIGEST_BYTES))
        for region, applied, digest in _of(list, fields["digests"])
    )
    return DigestsTold(_of(str, fields["prefix"]), tuple(digests))


def _pack_facts(payload: FactsTold) -> dict[str, Any]:
    return {"facts": [_pack_fact(each) for each in payload.facts]}


def _pack_fact(fact: ToldFact) -> dict[str, Any]:
    stamp = fact.stamp
    return {
        "key": list(fact.key),
        "value": fact.value,
        "stamp": [stamp.revision, stamp.time, stamp.region],
        "secrets": [list(each) for each in fact.secrets],
    }


def _unpack_facts(fields: Mapping[str, Any]) -> FactsTold:
    return FactsTold(tuple(_unpack_fact(_of(dict, each)) for each in _of(list, fields["facts"])))


def _unpack_fact(fields: Mapping[str, Any]) -> ToldFact:
    revision, time, region = _of(list, fields["stamp"])
    return ToldFact(
        key=tuple(_of(str, each) for each in _of(list, fields["key"])),
        value=_optional(bytes, fields["value"]),
        stamp=FactStamp(_of(int, revision), _of(float, time), _of(str, region)),
        secrets=tuple(
            (_of(str, receiver), _of(bytes, sealed))
            for receiver, sealed in _of(list, fields["secrets"])
        ),
    )


class _Kind(NamedTuple):
    name: str
    pack: Callable[[Any], dict[str, Any]]
    unpack: Callable[[Mapping[str, Any]], Payload]


_BY_TYPE: Final[Mapping[type[Any], _Kind]] = {
    RelatedKeysChanged: _Kind("related-keys-changed", _pack_changed, _unpack_changed),
    MaterialsContributed: _Kind("materials-contributed", _pack_contributed, _unpack_contributed),
    ReplicaDeleted: _Kind(
        "replica-deleted",
        _pack_deleted,
        _unpack_deleted,
    ),
    ImportReported: _Kind("import-reported", _pack_import, _unpack_import),
    Acknowledged: _Kind("acknowledged", _pack_acknowledged, _unpack_acknowledged),
    ResyncRequested: _Kind(
        "resync-requested",
        lambda payload: {
            "region": payload.region,
            "applied": _pack_applied(payload.applied),
        },
        lambda fields: ResyncRequested(
            _of(str, fields["region"]), _unpack_applied(fields["applied"])
        ),
    ),
    ResyncBegun: _Kind(
        "resync-begun", _pack_resync, lambda fields: ResyncBegun(*_unpack_resync(fields))
    ),
    ResyncEnded: _Kind(
        "resync-ended", _pack_resync, lambda fields: ResyncEnded(*_unpack_resync(fields))
    ),
    DigestsTold: _Kind("digests-told", _pack_digests, _unpack_digests),
    AuditCheckpointed: _Kind(
        "remark-audit-checkpointed",
        lambda payload: {
            "trail": payload.trail,
            "sequence": payload.sequence,
            "digest": payload.digest,
            "time": payload.time,
            "signature": payload.signature,
        },
        lambda fields: AuditCheckpointed(
            trail=_of(str, fields["trail"]),
            sequence=_of(int, fields["sequence"]),
            digest=_sized(fields["digest"], DIGEST_BYTES),
            time=_of(str, fields["time"]),
            signature=_sized(fields["signature"], SIGNATURE_BYTES),
        ),
    ),
    FactsTold: _Kind("facts-told", _pack_facts, _unpack_facts),
    PromotionAsked: _Kind("promotion-asked", vote_forms.pack_asked, vote_forms.unpack_asked),
    PromotionVoted: _Kind("promotion-voted", vote_forms.pack_voted, vote_forms.unpack_voted),
    PromotionRefused: _Kind(
        "promotion-refused", vote_forms.pack_refused, vote_forms.unpack_refused
    ),
    VoteReturned: _Kind("vote-returned", vote_forms.pack_returned, vote_forms.unpack_returned),
}
KINDS: Final[Mapping[str, _Kind]] = {kind.name: kind for kind in _BY_TYPE.values()}
"""Every kind of entry, by its name in the entry."""


def pack_payload(payload: Payload) -> tuple[str, dict[str, Any]]:
    """The payload's kind and its fields as plain values."""
    kind = _BY_TYPE[type(payload)]
    return kind.name, kind.pack(payload)


def unpack_payload(name: str, fields: Mapping[str, Any]) -> Payload:
    """The payload of kind `name`; a Remark for an unknown one.

    Raises Malformed for any other unknown kind, or a missing or wrong field.
    """
    kind = KINDS.get(name)
    if kind is None and name.startswith(REMARK_PREFIX):
        return Remark(name)
    if kind is None:
        raise Malformed("an entry of a kind that this version does not know; upgrade this node")
    try:
        return kind.unpack(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"a {name} entry with a missing or wrong field") from error


def _sized(value: Any, size: int) -> bytes:
    data: bytes = _of(bytes, value)
    if len(data) != size:
        raise ValueError
    return data


def _pack_position(position: Position) -> list[Any]:
    return [position.log_id, position.sequence]


def _pack_applied(applied: Applied) -> list[Any]:
    return [*_pack_position(applied.position), applied.digest]


def _unpack_applied(value: Any) -> Applied:
    log_id, sequence, digest = value
    position = _unpack_position([log_id, sequence])
    return NOTHING if position == NOWHERE else Applied(position, _sized(digest, DIGEST_BYTES))


def _unpack_position(value: Any) -> Position:
    log_id, sequence = value
    if log_id == b"":  # nothing of that log was ever read
        return NOWHERE
    return Position(_sized(log_id, LOG_ID_BYTES), _of(int, sequence))

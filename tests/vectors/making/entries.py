"""Vectors of log entries: one accepted for every kind, and every way in which one is refused.

They are made by the second implementation (reference.py); the package has to read them and, from
what it read, make the same bytes.
"""

import hashlib
from typing import Any

from tests.vectors import reference
from tests.vectors.making.parts import (
    KEY_ID,
    MATERIAL,
    OTHER_MATERIAL,
    OTHER_REGION,
    REGION,
    Document,
    accepted,
    flipped,
    refused,
    secret,
)
from tests.vectors.making.regions import IDENTITY, SIGNING_SEED

LOG_ID = secret("log ID")[:16]
OTHER_LOG_ID = secret("other log ID")[:16]
BEFORE = secret("digest of the entry before")
SEQUENCE = 17
_TIME = 1_767_225_600.25
_ACCOUNT = "111122223333"
_APPLIED = [OTHER_LOG_ID, 300, secret("applied entry")]
_MATERIALS = {
    "history": [
        [MATERIAL.material_id, None, None, ""],
        [OTHER_MATERIAL.material_id, 1_767_139_200.0, "ON_DEMAND", ""],
    ],
    "current": OTHER_MATERIAL.material_id,
    "pending": None,
    "period_days": 365,
    "next_rotation": 1_798_675_200.0,
    "pending_import": None,
}
_SHARED = {
    "account": _ACCOUNT,
    "key_id": KEY_ID,
    "key_spec": "SYMMETRIC_DEFAULT",
    "key_usage": "ENCRYPT_DECRYPT",
    "origin": "AWS_KMS",
    "primary": REGION,
    "epoch": 1,
    "revision": 3,
    "replicas": [OTHER_REGION],
    "materials": _MATERIALS,
}
_PENDING = _MATERIALS | {
    "history": [[MATERIAL.material_id, None, None, ""]],
    "current": MATERIAL.material_id,
    "pending": [OTHER_MATERIAL.material_id, "AUTOMATIC", 1_767_139_200.0],
    "period_days": None,
    "next_rotation": None,
}
_IMPORTED = _PENDING | {
    "history": [[MATERIAL.material_id, None, None, "from the safe"]],
    "pending": None,
    "pending_import": [
        OTHER_MATERIAL.material_id,
        1_767_139_200.0,
        "of the second year",
        [REGION],
    ],
}
_EMPTY = _IMPORTED | {"history": [], "current": None, "pending_import": None}
_EXTERNAL = _SHARED | {"origin": "EXTERNAL"}
_OFFER = {
    "region": OTHER_REGION,
    "as_of": [OTHER_LOG_ID, 299],
    "anew": True,
    "materials": [MATERIAL.material_id],
    "sealed": b"sealed material and properties",
}
_REQUEST = secret("request")
_VOTE = {
    "key_id": KEY_ID,
    "epoch": 2,
    "candidate": REGION,
    "regions": [OTHER_REGION, REGION],
}


def _vote_of(region: str) -> dict[str, Any]:
    return {
        "origin": region,
        "log_id": LOG_ID,
        "sequence": SEQUENCE,
        "previous": BEFORE,
        "time": _TIME,
        "kind": "promotion-voted",
        "payload": _VOTE,
    }


def _changed(shared: dict[str, Any], *, offers: list[Any] | None = None) -> dict[str, Any]:
    return {"shared": shared, "offers": offers or [], "handed_back": False}


_KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "related_keys_changed": (
        "related-keys-changed",
        "a version of shared state",
        _changed(_SHARED),
    ),
    "related_keys_changed_handed_back": (
        "related-keys-changed",
        "a handover that is declined",
        _changed(_SHARED) | {"handed_back": True},
    ),
    "related_keys_changed_by_a_call": (
        "related-keys-changed",
        "a version that a call made",
        _changed(_SHARED) | {"request_id": "4f0a6d32-9a4e-4b54-9be8-6b0c0a7ad0c5"},
    ),
    "related_keys_changed_with_offer": (
        "related-keys-changed",
        "a pending rotation, and an offer that makes a replica key",
        _changed(_SHARED | {"materials": _PENDING}, offers=[_OFFER]),
    ),
    "related_keys_changed_offer_of_material": (
        "related-keys-changed",
        "new material for a replica key that is there; nothing of its log was applied",
        _changed(_SHARED, offers=[_OFFER | {"anew": False, "as_of": [b"", 0]}]),
    ),
    "related_keys_changed_imported": (
        "related-keys-changed",
        "imported material, and more that awaits its rotation",
        _changed(_EXTERNAL | {"materials": _IMPORTED}),
    ),
    "related_keys_changed_before_import": (
        "related-keys-changed",
        "a key that awaits its first import",
        _changed(_EXTERNAL | {"materials": _EMPTY, "replicas": []}),
    ),
    "related_keys_changed_with_votes": (
        "related-keys-changed",
        "a primary that a majority of two regions voted for",
        _changed(
            _SHARED
            | {
                "epoch": 2,
                "votes": [
                    reference.log_entry(SIGNING_SEED, _vote_of(REGION)),
                    reference.log_entry(secret("other signing seed"), _vote_of(OTHER_REGION)),
                ],
            }
        ),
    ),
    "promotion_asked": (
        "promotion-asked",
        "two regions are asked",
        {"shared": _SHARED, "epoch": 2, "regions": [OTHER_REGION, REGION]},
    ),
    "promotion_voted": ("promotion-voted", "a vote for another region", _VOTE),
    "promotion_refused": (
        "promotion-refused",
        "it has voted for another region",
        {
            "key_id": KEY_ID,
            "epoch": 2,
            "candidate": OTHER_REGION,
            "why": "voted",
            "known_epoch": 3,
            "known_region": REGION,
        },
    ),
    "promotion_refused_by_a_region_without_a_key": (
        "promotion-refused",
        "it holds no key of the set",
        {
            "key_id": KEY_ID,
            "epoch": 2,
            "candidate": OTHER_REGION,
            "why": "unheld",
            "known_epoch": 0,
            "known_region": "",
        },
    ),
    "vote_returned": (
        "vote-returned",
        "to a region that may have forgotten it",
        {"key_id": KEY_ID, "receiver": OTHER_REGION, "epoch": 2},
    ),
    "import_reported": (
        "import-reported",
        "a replica holds what awaits its rotation",
        {
            "key_id": KEY_ID,
            "material_id": OTHER_MATERIAL.material_id,
            "since": 1_767_139_200.0,
            "held": True,
        },
    ),
    "materials_contributed": (
        "materials-contributed",
        "a material that was current under another primary",
        {
            "account": _ACCOUNT,
            "key_id": KEY_ID,
            "epoch": 2,
            "history": [[OTHER_MATERIAL.material_id, 1_767_139_200.0, "AUTOMATIC", ""]],
            "offers": [_OFFER | {"anew": False}],
        },
    ),
    "replica_deleted": (
        "replica-deleted",
        "said for the first time",
        {"key_id": KEY_ID, "first": None},
    ),
    "replica_deleted_again": (
        "replica-deleted",
        "said again; entry 12 said it first",
        {"key_id": KEY_ID, "first": 12},
    ),
    "acknowledged": (
        "acknowledged",
        "what was applied of two logs",
        {
            "entries": [
                [OTHER_REGION, _APPLIED],
                ["ap-southeast-2", [LOG_ID, 1 << 40, BEFORE]],
            ]
        },
    ),
    "digests_told": (
        "digests-told",
        "what is held of a slice, for two peers",
        {
            "prefix": "mrk-1f",
            "digests": [
                [OTHER_REGION, _APPLIED, secret("digest")],
                ["ap-southeast-2", [LOG_ID, 1 << 40, BEFORE], secret("another digest")],
            ],
        },
    ),
    "facts_told": (
        "facts-told",
        "a fact, one that was taken back, and one with a secret",
        {
            "facts": [
                {
                    "key": ["111122223333", "user", "alice"],
                    "value": b"\x81\xa4path\xa1/",
                    "stamp": [1, 1_767_139_200.5, REGION],
                    "secrets": [],
                },
                {
                    "key": ["111122223333", "user", "bob"],
                    "value": None,
                    "stamp": [3, 1_767_139_201.0, OTHER_REGION],
                    "secrets": [],
                },
                {
                    "key": ["111122223333", "access key", "AKIAIOSFODNN7EXAMPLE"],
                    "value": b"\x80",
                    "stamp": [2, 1_767_139_202.0, REGION],
                    "secrets": [[OTHER_REGION, b"sealed secret"]],
                },
            ]
        },
    ),
    "acknowledged_nothing": ("acknowledged", "no log at all", {"entries": []}),
    "audit_checkpointed": (
        "remark-audit-checkpointed",
        "how far the origin's audit trail is signed",
        {
            "trail": "ab" * 16,
            "sequence": 1 << 33,
            "digest": secret("line of an audit trail"),
            "time": "2026-01-01T00:00:00Z",
            "signature": secret("signature, 1") + secret("signature, 2"),
        },
    ),
    "resync_requested": (
        "resync-requested",
        "by a region that has read a part",
        {"region": OTHER_REGION, "applied": _APPLIED},
    ),
    "resync_requested_by_a_new_region": (
        "resync-requested",
        "by a region that has read nothing",
        {"region": OTHER_REGION, "applied": [b"", 0, b""]},
    ),
    "resync_begun": (
        "resync-begun",
        "the start of an answer",
        {"receiver": OTHER_REGION, "request": _REQUEST},
    ),
    "resync_ended": (
        "resync-ended",
        "the end of an answer",
        {"receiver": OTHER_REGION, "request": _REQUEST},
    ),
}


def log_entries() -> dict[str, Document]:
    return _accepted() | _forms() | _places() | _bodies()


def _accepted() -> dict[str, Document]:
    first = _body("replica-deleted", {"key_id": KEY_ID, "first": None}) | {
        "sequence": 1,
        "previous": reference.genesis(REGION, LOG_ID),
    }
    newer = _body("resync-begun", {"receiver": OTHER_REGION, "request": _REQUEST, "newer": 1})
    documents = {
        name: _accepts(note, _body(kind, payload)) for name, (kind, note, payload) in _KINDS.items()
    }
    cursor = {"log_id": LOG_ID.hex(), "sequence": 0, "digest": first["previous"].hex()}
    return documents | {
        "first_of_a_log": _accepts("follows the log's genesis", first, cursor=cursor),
        "fields_of_a_newer_node": _accepts(
            "fields that this version does not know are passed over",
            newer | {"newer": [1, "text"]},
            made_again=False,
        ),
    }


def _forms() -> dict[str, Document]:
    """Entries that are wrong as bytes."""
    body = reference.plain(_good())
    entry = _entry(_good())
    signature = entry[-64:]
    zeroes, long = bytes(64), bytes(4 * 1024 * 1024)
    forms = {
        "empty": ("Malformed", "no bytes", b""),
        "truncated": ("Malformed", "the last byte is missing", entry[:-1]),
        "trailing_byte": ("Malformed", "one byte after the end", entry + b"\x00"),
        "not_msgpack": ("Malformed", "a byte that msgpack never uses", b"\xc1"),
        "not_an_array": ("Malformed", "the body alone", body),
        "four_elements": ("Malformed", "one too many", reference.plain([1, body, signature, 0])),
        "body_as_text": ("Malformed", "text for bytes", reference.plain([1, "body", signature])),
        "version_0": ("Malformed", "version 0", _entry(_good(), version=0)),
        "version_2": ("Malformed", "version 2", _entry(_good(), version=2)),
        "version_spelled_longer": (
            "Malformed",
            "the same values in other bytes, so with another digest",
            entry[:1] + b"\xcc\x01" + entry[2:],
        ),
        "body_spelled_longer": (
            "Malformed",
            "the size of the body in 4 bytes instead of 2",
            b"\x93\x01\xc6" + len(body).to_bytes(4, "big") + body + entry[-66:],
        ),
        "body_flipped": ("Unauthentic", "one bit of the body", flipped(entry, 40, 1)),
        "signature_flipped": ("Unauthentic", "one bit", flipped(entry, len(entry) - 1, 1)),
        "signature_of_zeroes": ("Unauthentic", "64 zero bytes", entry[:-64] + zeroes),
        "signature_short": ("Unauthentic", "63 bytes", reference.plain([1, body, signature[:63]])),
        "other_signer": (
            "Unauthentic",
            "signed with another key",
            reference.log_entry(secret("other signing seed"), _good()),
        ),
        "other_purpose": (
            "Unauthentic",
            "signed for another purpose",
            reference.plain([1, body, IDENTITY.sign(b"log entry", body)]),
        ),
    }
    documents = {
        name: _refuses(error, note, entry=data.hex()) for name, (error, note, data) in forms.items()
    }
    oversized = {"entry": "", "entry_zeroes": len(long) + 1}  # too long for a file
    return documents | {"too_large": _refuses("Malformed", "4 MiB and a byte", **oversized)}


def _places() -> dict[str, Document]:
    """True entries in a wrong place."""
    digest = secret("another entry")
    other = reference.plain(_good() | {"origin": OTHER_REGION})
    signed = reference.plain([1, other, IDENTITY.sign(b"keyspan log entry", other)])
    return {
        "of_another_origin": _refuses(
            "Misaddressed", "signed here, and said to be of another log", entry=signed.hex()
        ),
        "under_another_id": _refuses("Misaddressed", "as entry 18", id="18-0", **_hex(_good())),
        "id_with_a_second_part": _refuses("Misaddressed", "17-1", id="17-1", **_hex(_good())),
        "other_log": _refuses(
            "LogReplaced", "of a log that is not followed", **_after(OTHER_LOG_ID, 16, BEFORE)
        ),
        "again": _refuses("Duplicate", "17 was applied", **_after(LOG_ID, 17, digest)),
        "too_early": _refuses("Gap", "15 was applied", **_after(LOG_ID, 15, digest)),
        "after_another_entry": _refuses(
            "BrokenChain", "16 was applied, with another digest", **_after(LOG_ID, 16, digest)
        ),
    }


def _bodies() -> dict[str, Document]:
    """Truly signed entries whose fields are wrong."""
    shared = _body("related-keys-changed", _changed(_SHARED))
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "authentic_kind_unknown": ("a kind of a newer version", {"kind": "key-imported"}),
        "authentic_log_id_short": ("15 bytes", {"log_id": LOG_ID[:15]}),
        "authentic_previous_as_text": ("text for bytes", {"previous": "0" * 32}),
        "authentic_sequence_as_float": ("17.0", {"sequence": 17.0}),
        "authentic_time_as_integer": ("no fraction", {"time": 1_767_225_600}),
        "authentic_payload_as_array": ("no map", {"payload": []}),
        "authentic_request_short": (
            "31 bytes",
            {"payload": {"receiver": OTHER_REGION, "request": _REQUEST[:31]}},
        ),
    }
    documents = {
        name: _refuses("Malformed", note, **_hex(_good() | changed))
        for name, (note, changed) in changes.items()
    }
    for field in _good():
        if field != "origin":
            short = {name: value for name, value in _good().items() if name != field}
            documents[f"authentic_without_{field}"] = _refuses(
                "Malformed", f"no {field}", **_hex(short)
            )
    for field in _SHARED:
        less = {name: value for name, value in _SHARED.items() if name != field}
        documents[f"authentic_shared_without_{field}"] = _refuses(
            "Malformed",
            f"shared state without {field}",
            **_hex(shared | {"payload": _changed(less)}),
        )
    wrong = _SHARED | {"materials": _MATERIALS | {"current": MATERIAL.material_id}}
    empty = _EXTERNAL | {"materials": _EMPTY | {"current": MATERIAL.material_id}}
    documents["authentic_current_of_none"] = _refuses(
        "Malformed",
        "a current material without a history",
        **_hex(shared | {"payload": _changed(empty)}),
    )
    for field in _MATERIALS:
        less = {name: value for name, value in _MATERIALS.items() if name != field}
        documents[f"authentic_materials_without_{field}"] = _refuses(
            "Malformed",
            f"materials without {field}",
            **_hex(shared | {"payload": _changed(_SHARED | {"materials": less})}),
        )
    odd: dict[str, tuple[str, str, dict[str, Any]]] = {
        "authentic_votes_empty": (
            "related-keys-changed",
            "an array without votes, where no field stands",
            _changed(_SHARED | {"votes": []}),
        ),
        "authentic_votes_as_text": (
            "related-keys-changed",
            "a vote that is text",
            _changed(_SHARED | {"votes": ["a vote"]}),
        ),
        "authentic_vote_for_nobody": (
            "promotion-voted",
            "no candidate",
            {name: value for name, value in _VOTE.items() if name != "candidate"},
        ),
        "authentic_vote_among_a_region": (
            "promotion-voted",
            "text for an array of regions",
            _VOTE | {"regions": REGION},
        ),
        "authentic_refusal_for_an_unknown_reason": (
            "promotion-refused",
            "a reason of a newer version",
            {
                "key_id": KEY_ID,
                "epoch": 2,
                "candidate": OTHER_REGION,
                "why": "tired",
                "known_epoch": 0,
                "known_region": "",
            },
        ),
        "authentic_ask_without_a_state": (
            "promotion-asked",
            "nothing to go on from",
            {"epoch": 2, "regions": [OTHER_REGION, REGION]},
        ),
    }
    for name, (kind, note, payload) in odd.items():
        documents[name] = _refuses("Malformed", note, **_hex(_body(kind, payload)))
    documents["authentic_current_is_not_last"] = _refuses(
        "Malformed",
        "the current material is not the last of the history",
        **_hex(shared | {"payload": _changed(wrong)}),
    )
    return documents


def _good() -> dict[str, Any]:
    return _body("resync-begun", {"receiver": OTHER_REGION, "request": _REQUEST})


def _body(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "origin": REGION,
        "log_id": LOG_ID,
        "sequence": SEQUENCE,
        "previous": BEFORE,
        "time": _TIME,
        "kind": kind,
        "payload": payload,
    }


def _entry(body: dict[str, Any], version: int = 1) -> bytes:
    return reference.log_entry(SIGNING_SEED, body, version)


def _hex(body: dict[str, Any]) -> Document:
    return {"entry": _entry(body).hex()}


def _after(log_id: bytes, sequence: int, digest: bytes) -> Document:
    cursor = {"log_id": log_id.hex(), "sequence": sequence, "digest": digest.hex()}
    return {"cursor": cursor, **_hex(_good())}


def _accepts(note: str, body: dict[str, Any], **changes: Any) -> Document:
    entry = _entry(body)
    return accepted(
        note,
        **_place(body["sequence"])
        | {
            "seed": SIGNING_SEED.hex(),
            "body": _readable(body),
            "entry": entry.hex(),
            "digest": hashlib.sha256(entry).hexdigest(),
            "made_again": True,
        }
        | changes,
    )


def _refuses(error: str, note: str, **changes: Any) -> Document:
    return refused(error, note, **_place(SEQUENCE) | changes)


def _place(sequence: int) -> Document:
    return {
        "region": REGION,
        "public_key": IDENTITY.public.signing_key.hex(),
        "id": f"{sequence}-0",
        "cursor": {"log_id": LOG_ID.hex(), "sequence": sequence - 1, "digest": BEFORE.hex()},
    }


def _readable(value: Any) -> Any:
    """The value in JSON, which has no bytes: they become `{"bytes": hex}`."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dict):
        return {name: _readable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return value

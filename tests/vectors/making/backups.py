"""Vectors of backups: what is sealed piece by piece under root keys."""

from collections.abc import Mapping

from crypto.backups import BackupHead, seal_backup
from crypto.sealing import RootKey, RootKeyRing
from tests.vectors import reference
from tests.vectors.making.parts import Document, accepted, flipped, refused, seeded
from tests.vectors.making.rest import NEWEST, OLDER, UNKNOWN

_HEAD = BackupHead("us-east-1", seeded("backup ID")(16), 1_790_000_000)
_OTHER_ID = BackupHead(_HEAD.region, seeded("another backup ID")(16), _HEAD.taken)
_OTHER_REGION = BackupHead("eu-west-1", _HEAD.backup_id, _HEAD.taken)
_LATER = BackupHead(_HEAD.region, _HEAD.backup_id, _HEAD.taken + 1)
_PARTS = (b"the first piece", b"the second", b"the last")


def backups() -> dict[str, Document]:
    head, *pieces = _sealed()
    first, second, last = pieces
    whole = head + b"".join(pieces)
    documents = {
        "three_pieces": _accepted("the newest root key sealed it", whole, _PARTS),
        "one_piece": _accepted("the first is the last", b"".join(_sealed(_PARTS[:1])), _PARTS[:1]),
        "older_root_key": _accepted(
            "sealed before the ring got a newer key", b"".join(_sealed(root=OLDER)), _PARTS
        ),
    }
    rows = {
        "title_differs": ("version 2 in the title", whole.replace(b"backup v1", b"backup v2")),
        "region_differs": ("another region", _OTHER_REGION.encode() + b"".join(pieces)),
        "backup_id_differs": ("another backup", _OTHER_ID.encode() + b"".join(pieces)),
        "taken_differs": ("a second later", _LATER.encode() + b"".join(pieces)),
        "no_region": ("no region", whole[:18] + b"\x00" + whole[28:]),
        "head_alone": ("no piece", head),
        "head_cut": ("the head ends early", head[:-1]),
        "last_piece_missing": ("cut between two pieces", head + first + second),
        "first_piece_missing": ("without the first", head + second + last),
        "pieces_swapped": ("the second first", head + second + first + last),
        "piece_twice": ("the second twice", head + first + second + second + last),
        "last_piece_twice": ("the last twice", whole + last),
        "cut_within_a_piece": ("one byte short", whole[:-1]),
        "cut_within_a_size": ("cut in a size", head + first + second[:2]),
        "trailing_byte": ("one byte more", whole + b"\x00"),
        "size_too_large": ("a size of 4 GiB", head + b"\xff" * 4 + first),
        "size_too_small": ("a size of 0", head + bytes(4)),
        "piece_bit_flipped": ("a bit of a tag", flipped(whole, len(head + first) - 1, 1)),
        "unknown_root_key": ("of no ring", b"".join(_sealed(root=UNKNOWN))),
        "authentic_last_too_early": ("the first says it is the last", _forged({0: 1})),
        "authentic_no_last": ("none says it is the last", _forged({2: 0})),
    }
    return documents | {
        name: refused("SealError", note, **_inputs(backup)) for name, (note, backup) in rows.items()
    }


def _sealed(parts: tuple[bytes, ...] = _PARTS, root: bytes = NEWEST) -> list[bytes]:
    ring = RootKeyRing([RootKey(root)])
    return list(seal_backup(_HEAD, parts, ring, seeded("backup")))


def _forged(last: Mapping[int, int]) -> bytes:
    """The three pieces, sealed with other marks of the last one at these numbers."""
    randomness = seeded("backup forged")
    pieces = [_HEAD.encode()]
    for number, part in enumerate(_PARTS):
        bound = reference.backup_bound(
            _HEAD.region, _HEAD.backup_id, _HEAD.taken, number, last.get(number, number == 2)
        )
        label = b"keyspan/1 one-time key of a sealed secret"
        sealed = reference.seal_at_rest(
            NEWEST, label, randomness(16), randomness(12), part, bound, 1
        )
        pieces += [len(sealed).to_bytes(4, "big"), sealed]
    return b"".join(pieces)


def _accepted(note: str, backup: bytes, parts: tuple[bytes, ...]) -> Document:
    return accepted(note, **_inputs(backup), parts=[part.hex() for part in parts])


def _inputs(backup: bytes) -> Document:
    return {"root_keys": [NEWEST.hex(), OLDER.hex()], "backup": backup.hex()}

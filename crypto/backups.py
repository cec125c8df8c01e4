"""A backup of a region's store: a file that only the region's root keys open.

    offset  size  field
    0       18    title, `keyspan backup v1` and a line feed
    18      1     size of the region's name, r
    19      r     region, ASCII
    19 + r  16    backup ID, random
    35 + r  8     when it was taken, epoch seconds

then one piece after another, to the end of the file:

    0       4     size of the sealed piece, n
    4       n     1 to 65536 bytes, sealed at rest as a secret (crypto/sealing.py)

Each piece is bound to the head, to its number and to whether it is the last one, so that pieces
cannot be changed, left out, repeated, reordered, cut off or taken from another backup (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015, with a fresh key for each piece).
Whatever does not open is one SealError, with nothing said about why.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from crypto.encoding import PREFIX_SIZE, binding, prefixed
from crypto.errors import SealError
from crypto.labels import Label
from crypto.material import Randomness
from crypto.sealing import LONGEST, SECRET_LIMIT, SHORTEST, RootKeyRing

TITLE: Final = b"keyspan backup v1\n"
BACKUP_ID_SIZE: Final = 16  # bytes
PIECE_LIMIT: Final = SECRET_LIMIT  # bytes of plaintext

_TIME_SIZE: Final = 8  # bytes, big-endian, unsigned: epoch seconds

Read = Callable[[int], bytes]
"""Reads up to so many of the next bytes of a file; fewer only at its end."""


@dataclass(frozen=True, slots=True)
class BackupHead:
    """What a backup says of itself in clear; `taken` in epoch seconds."""

    region: str
    backup_id: bytes
    taken: int

    def encode(self) -> bytes:
        """The bytes at the start of the file. ValueError for a region name or ID that is none."""
        name = self.region.encode("ascii")
        if not 1 <= len(name) <= 64 or len(self.backup_id) != BACKUP_ID_SIZE:
            raise ValueError("a backup has a region of 1 to 64 characters and an ID of 16 bytes")
        taken = self.taken.to_bytes(_TIME_SIZE, "big")
        return TITLE + bytes([len(name)]) + name + self.backup_id + taken

    def bound(self, number: int, *, last: bool) -> bytes:
        """What a piece is sealed together with; pieces are numbered from 0."""
        fields = (self.region, self.backup_id, self.taken, number, int(last))
        return binding(Label.BACKUP.value, *fields)


def seal_backup(
    head: BackupHead, parts: Iterable[bytes], ring: RootKeyRing, randomness: Randomness
) -> Iterator[bytes]:
    """The bytes of a backup, piece by piece, of parts of 1 to 65536 bytes. ValueError for none."""
    yield head.encode()
    waiting: bytes | None = None
    number = 0
    for part in parts:
        if waiting is not None:
            yield _piece(head, number, waiting, ring, randomness, last=False)
            number += 1
        waiting = part
    if waiting is None:
        raise ValueError("an empty backup is none")
    yield _piece(head, number, waiting, ring, randomness, last=True)


def read_head(read: Read) -> BackupHead:
    """The head of a backup, not yet proved to be true. SealError if this is no backup."""
    if read(len(TITLE)) != TITLE:
        raise SealError
    name = _exactly(read, _exactly(read, 1)[0])
    if not name or not name.isascii():
        raise SealError
    backup_id = _exactly(read, BACKUP_ID_SIZE)
    return BackupHead(name.decode(), backup_id, int.from_bytes(_exactly(read, _TIME_SIZE), "big"))


def open_backup(head: BackupHead, read: Read, ring: RootKeyRing) -> Iterator[bytes]:
    """The parts of a backup whose head was read. SealError as soon as anything is wrong.

    What was yielded before an error is authentic, but not all: use nothing of it.
    """
    number = 0
    sealed = _next(read)
    while sealed is not None:
        following = _next(read)
        yield ring.open(sealed, head.bound(number, last=following is None))
        sealed = following
        number += 1
    if not number:
        raise SealError


def _piece(
    head: BackupHead,
    number: int,
    part: bytes,
    ring: RootKeyRing,
    randomness: Randomness,
    *,
    last: bool,
) -> bytes:
    return prefixed(ring.seal(part, head.bound(number, last=last), randomness))


def _next(read: Read) -> bytes | None:
    """The next sealed piece; None at the end of the file."""
    prefix = read(PREFIX_SIZE)
    if not prefix:
        return None
    size = int.from_bytes(prefix, "big")
    if len(prefix) != PREFIX_SIZE or not SHORTEST <= size <= LONGEST:
        raise SealError
    return _exactly(read, size)


def _exactly(read: Read, size: int) -> bytes:
    got = read(size)
    if len(got) != size:
        raise SealError
    return got

"""A backup opens whole and unchanged, under the region's root keys, or not at all."""

import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.backups import PIECE_LIMIT, BackupHead, open_backup, read_head, seal_backup
from crypto.encoding import PREFIX_SIZE
from crypto.errors import SealError
from crypto.sealing import RootKey, RootKeyRing
from tests.unit.crypto.strategies import seeded
from tests.vectors.loading import says_nothing

OLD, NEW = RootKey.generate(seeded(1)), RootKey.generate(seeded(2))
RING = RootKeyRing([NEW, OLD])
HEAD = BackupHead("us-east-1", bytes(range(16)), 1_790_000_000)
PARTS = (b"first", b"second", b"third")

contents = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5)


def sealed(parts: Sequence[bytes] = PARTS, head: BackupHead = HEAD) -> list[bytes]:
    """The head and the pieces of a backup, apart."""
    return list(seal_backup(head, parts, RING, seeded()))


def opened(backup: bytes, ring: RootKeyRing = RING) -> tuple[BackupHead, list[bytes]]:
    file = io.BytesIO(backup)
    head = read_head(file.read)
    return head, list(open_backup(head, file.read, ring))


def refused(backup: bytes, ring: RootKeyRing = RING) -> bool:
    try:
        opened(backup, ring)
    except SealError as error:
        return says_nothing(error)
    return False


@given(contents)
def test_round_trip(parts: list[bytes]) -> None:
    assert opened(b"".join(sealed(parts))) == (HEAD, parts)


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    backup = bytearray(b"".join(sealed()))
    place = data.draw(st.integers(0, len(backup) - 1))
    backup[place] ^= data.draw(st.integers(1, 255))
    assert refused(bytes(backup))


@given(st.data())
def test_any_cut_is_noticed(data: st.DataObject) -> None:
    backup = b"".join(sealed())
    assert refused(backup[: data.draw(st.integers(0, len(backup) - 1))])


@given(st.permutations(range(3)), st.lists(st.integers(0, 2), max_size=4))
def test_pieces_that_are_moved_repeated_or_left_out_are_noticed(
    order: list[int], choice: list[int]
) -> None:
    head, *pieces = sealed()
    for numbers in (order, choice):
        same = list(numbers) == [0, 1, 2]
        assert refused(head + b"".join(pieces[each] for each in numbers)) != same


def test_what_follows_the_last_piece_is_noticed() -> None:
    backup = b"".join(sealed())
    assert refused(backup + b"\x00")
    assert refused(backup + sealed()[-1])


@pytest.mark.parametrize(
    "other",
    [
        BackupHead("eu-west-1", HEAD.backup_id, HEAD.taken),
        BackupHead(HEAD.region, bytes(16), HEAD.taken),
        BackupHead(HEAD.region, HEAD.backup_id, HEAD.taken + 1),
    ],
    ids=["region", "backup ID", "time"],
)
def test_pieces_belong_to_one_head(other: BackupHead) -> None:
    assert refused(other.encode() + b"".join(sealed()[1:]))


def test_an_older_root_key_opens_and_another_does_not() -> None:
    backup = b"".join(seal_backup(HEAD, PARTS, RootKeyRing([OLD]), seeded()))
    assert opened(backup) == (HEAD, list(PARTS))
    assert refused(backup, RootKeyRing([NEW]))


def test_a_size_is_checked_before_it_is_read() -> None:
    asked: list[int] = []
    file = io.BytesIO(HEAD.encode() + b"\xff" * PREFIX_SIZE)

    def read(size: int) -> bytes:
        asked.append(size)
        return file.read(size)

    with pytest.raises(SealError):
        list(open_backup(read_head(read), read, RING))
    assert max(asked) <= 64


def test_no_backup_is_made_of_nothing_nor_of_a_part_too_large() -> None:
    with pytest.raises(ValueError, match="empty"):
        sealed(())
    with pytest.raises(ValueError, match="cannot be sealed"):
        sealed([bytes(PIECE_LIMIT + 1)])


@pytest.mark.parametrize("region", ["", "r" * 65, "región"])
def test_a_head_needs_a_region(region: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  UnicodeEncodeError is one
        BackupHead(region, bytes(16), 0).encode()

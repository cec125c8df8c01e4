"""Vectors of backups, against both implementations."""

import io

import pytest

from crypto.backups import open_backup, read_head
from crypto.errors import SealError
from crypto.sealing import RootKey, RootKeyRing
from tests.vectors import reference
from tests.vectors.loading import Vector, accepted, refused, says_nothing


def _parts(vector: Vector) -> list[bytes]:
    ring = RootKeyRing([RootKey(bytes.fromhex(root)) for root in vector["root_keys"]])
    file = io.BytesIO(vector.raw("backup"))
    return list(open_backup(read_head(file.read), file.read, ring))


@accepted("backup")
def test_backup_opens(vector: Vector) -> None:
    assert _parts(vector) == [bytes.fromhex(part) for part in vector["parts"]]


@accepted("backup")
def test_second_implementation_opens_backup(vector: Vector) -> None:
    roots = [bytes.fromhex(root) for root in vector["root_keys"]]
    expected = [bytes.fromhex(part) for part in vector["parts"]]
    assert reference.open_backup(roots, vector.raw("backup")) == expected


@refused("backup")
def test_backup_is_refused(vector: Vector) -> None:
    with pytest.raises(SealError) as caught:
        _parts(vector)
    assert says_nothing(caught.value)

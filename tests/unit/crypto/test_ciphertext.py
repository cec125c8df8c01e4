"""The blob: decoding gives back every bit of what was encoded, or refuses."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crypto.ciphertext import LONGEST, SHORTEST, Ciphertext, decode
from crypto.errors import InvalidCiphertext
from crypto.identifiers import is_key_id, is_material_id
from tests.unit.crypto.strategies import key_ids
from tests.vectors.loading import says_nothing

# The form of a blob, in one expression: version, key ID, and 77 to 4172 bytes after it.
WELL_FORMED = re.compile(
    rb"\x01(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(?s:.){77,4172}"
)

blobs = st.builds(
    lambda key_id, rest: b"\x01" + key_id.encode() + rest,
    key_ids,
    st.binary(min_size=SHORTEST - 37, max_size=300),
)


@given(blobs)
def test_what_decodes_encodes_to_the_same_bytes(blob: bytes) -> None:
    assert decode(blob).encode() == blob


@given(blobs)
def test_the_parts_are_where_the_table_says(blob: bytes) -> None:
    ciphertext = decode(blob)
    assert ciphertext.header == blob[:97]
    assert ciphertext.key_id.encode() == blob[1:37]
    assert bytes.fromhex(ciphertext.material_id) == blob[37:69]
    assert ciphertext.salt == blob[69:85]
    assert ciphertext.nonce == blob[85:97]
    assert ciphertext.body == blob[97:]
    assert is_key_id(ciphertext.key_id)
    assert is_material_id(ciphertext.material_id)


def _with_byte(blob: bytes, place: int, value: int) -> bytes:
    place %= min(len(blob), 40)  # among version and key ID, where the form is decided
    return blob[:place] + bytes([value]) + blob[place + 1 :]


near_blobs = st.builds(_with_byte, blobs, st.integers(0), st.integers(0, 255))


@given(st.binary(max_size=LONGEST + 100) | blobs.map(lambda blob: blob[1:]) | near_blobs)
@example(b"")
@example(b"\x01" * SHORTEST)
@example(b"\x01" + b"\xff" * SHORTEST)
@example(b"\x02mrk-" + b"0" * 32 + bytes(100))
@example(b"\x01mrk-" + b"A" * 32 + bytes(100))
def test_bytes_decode_to_themselves_if_well_formed_and_are_refused_if_not(blob: bytes) -> None:
    if WELL_FORMED.fullmatch(blob):
        assert decode(blob).encode() == blob
        return
    with pytest.raises(InvalidCiphertext) as caught:
        decode(blob)
    assert says_nothing(caught.value)


@pytest.mark.parametrize("size", [SHORTEST - 1, LONGEST + 1, 1 << 20])
def test_sizes_out_of_bounds_are_refused(size: int) -> None:
    blob = b"\x01mrk-" + b"0" * 32
    with pytest.raises(InvalidCiphertext):
        decode(blob + bytes(size - len(blob)))


@pytest.mark.parametrize("size", [SHORTEST, LONGEST])
def test_the_bounds_themselves_decode(size: int) -> None:
    blob = b"\x01mrk-" + b"0" * 32
    assert isinstance(decode(blob + bytes(size - len(blob))), Ciphertext)

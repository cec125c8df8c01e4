"""The blob: decoding gives back every bit of what was encoded, or refuses."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crypto.ciphertext import LONGEST, SHORTEST, Ciphertext, decode
from crypto.errors import InvalidCiphertext
from crypto.identifiers import is_key_id, is_material_id
from tests.unit.crypto.strategies import key_ids
from tests.vectors.loading import says_nothing

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


@given(st.binary(max_size=LONGEST + 100) | blobs.map(lambda blob: blob[1:]))
@example(b"")
@example(b"\x01" * SHORTEST)
@example(b"\x01" + b"\xff" * SHORTEST)
def test_random_bytes_decode_to_themselves_or_are_refused(blob: bytes) -> None:
    try:
        assert decode(blob).encode() == blob
    except InvalidCiphertext as error:
        silent = says_nothing(error)
    else:
        silent = True
    assert silent


@pytest.mark.parametrize("size", [SHORTEST - 1, LONGEST + 1, 1 << 20])
def test_sizes_out_of_bounds_are_refused(size: int) -> None:
    blob = b"\x01mrk-" + b"0" * 32
    with pytest.raises(InvalidCiphertext):
        decode(blob + bytes(size - len(blob)))


@pytest.mark.parametrize("size", [SHORTEST, LONGEST])
def test_the_bounds_themselves_decode(size: int) -> None:
    blob = b"\x01mrk-" + b"0" * 32
    assert isinstance(decode(blob + bytes(size - len(blob))), Ciphertext)

"""The ciphertext blob of symmetric keys (architecture.md D2): it names key and material, no region.

    offset  size  field
    0       1     version, 0x01
    1       36    key ID, ASCII
    37      32    key-material ID
    69      16    salt of the one-time key
    85      12    nonce
    97      n     ciphertext, 1 to 4096 bytes
    97 + n  16    tag

The first 97 bytes are the header, and additional authenticated data. There is one way to encode
and everything else is refused: other versions, sizes and spellings of a key ID.
"""

from dataclasses import dataclass
from typing import Final

from crypto.errors import InvalidCiphertext
from crypto.identifiers import KEY_ID_SIZE, MATERIAL_ID_SIZE, is_key_id
from crypto.primitives import NONCE_SIZE, SALT_SIZE, TAG_SIZE
from crypto.specs import SYMMETRIC_DEFAULT

VERSION: Final = b"\x01"

_KEY_ID_AT: Final = len(VERSION)
_MATERIAL_ID_AT: Final = _KEY_ID_AT + KEY_ID_SIZE
_SALT_AT: Final = _MATERIAL_ID_AT + MATERIAL_ID_SIZE
_NONCE_AT: Final = _SALT_AT + SALT_SIZE
HEADER_SIZE: Final = _NONCE_AT + NONCE_SIZE

SHORTEST: Final = HEADER_SIZE + 1 + TAG_SIZE
LONGEST: Final = HEADER_SIZE + SYMMETRIC_DEFAULT.plaintext_limit + TAG_SIZE


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A ciphertext blob taken apart. Only `decode` and the cipher make one, from checked parts."""

    key_id: str
    material_id: str  # 64 lower-case hexadecimal characters
    salt: bytes
    nonce: bytes
    body: bytes  # ciphertext || tag

    @property
    def header(self) -> bytes:
        """The blob's first 97 bytes, which the tag authenticates."""
        return header_start(self.key_id, self.material_id) + self.salt + self.nonce

    def encode(self) -> bytes:
        """The blob."""
        return self.header + self.body


def header_start(key_id: str, material_id: str) -> bytes:
    """The part of the header that all ciphertexts of one key material share."""
    return VERSION + key_id.encode("ascii") + bytes.fromhex(material_id)


def decode(blob: bytes) -> Ciphertext:
    """Take a blob apart, with nothing authenticated yet. InvalidCiphertext unless well-formed."""
    if not SHORTEST <= len(blob) <= LONGEST or not blob.startswith(VERSION):
        raise InvalidCiphertext
    key_id = blob[_KEY_ID_AT:_MATERIAL_ID_AT].decode(
        "latin-1"
    )  # never fails; the next line decides
    if not is_key_id(key_id):
        raise InvalidCiphertext
    return Ciphertext(
        key_id=key_id,
        material_id=blob[_MATERIAL_ID_AT:_SALT_AT].hex(),
        salt=blob[_SALT_AT:_NONCE_AT],
        nonce=blob[_NONCE_AT:HEADER_SIZE],
        body=blob[HEADER_SIZE:],
    )

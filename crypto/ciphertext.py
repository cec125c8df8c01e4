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
LONGEST: Final = HEADER_SIZE + SYMMETRIC_DEFAULT.plaintext_limits[SYMMETRIC_DEFAULT.name] + TAG_SIZE


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A ciphertext blob taken apart: its fields are read from the header that is authenticated."""

    header: bytes  # the first 97 bytes
    body: bytes  # ciphertext || tag

    @property
    def key_id(self) -> str:
        """The key that the blob names, 36 characters."""
        return self.header[_KEY_ID_AT:_MATERIAL_ID_AT].decode("ascii")

    @property
    def material_id(self) -> str:
        """The material that the blob names, in 64 lower-case hexadecimal characters."""
        return self.header[_MATERIAL_ID_AT:_SALT_AT].hex()

    @property
    def salt(self) -> bytes:
        """The salt of the one-time key."""
        return self.header[_SALT_AT:_NONCE_AT]

    @property
    def nonce(self) -> bytes:
        """The nonce of the one encryption under that key."""
        return self.header[_NONCE_AT:]

    def encode(self) -> bytes:
        """The blob."""
        return self.header + self.body


def header_start(key_id: str, material_id: str) -> bytes:
    """What the headers of all ciphertexts of one key material share: all but salt and nonce."""
    return VERSION + key_id.encode("ascii") + bytes.fromhex(material_id)


def decode(blob: bytes) -> Ciphertext:
    """Take a blob apart, with nothing authenticated yet. InvalidCiphertext unless well-formed."""
    if not SHORTEST <= len(blob) <= LONGEST or not blob.startswith(VERSION):
        raise InvalidCiphertext
    key_id = blob[_KEY_ID_AT:_MATERIAL_ID_AT].decode("latin-1")  # which decodes whatever there is
    if not is_key_id(key_id):
        raise InvalidCiphertext
    return Ciphertext(blob[:HEADER_SIZE], blob[HEADER_SIZE:])

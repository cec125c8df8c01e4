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

from functools import lru_cache
from struct import Struct
from typing import Final

from crypto.errors import InvalidCiphertext
from crypto.identifiers import KEY_ID_SIZE, MATERIAL_ID_SIZE, is_key_id
from crypto.primitives import NONCE_SIZE, SALT_SIZE, TAG_SIZE
from crypto.specs import SYMMETRIC_DEFAULT

VERSION: Final = b"\x01"

_START_SIZE: Final = len(VERSION) + KEY_ID_SIZE + MATERIAL_ID_SIZE
_HEADER: Final = Struct(f"{_START_SIZE}s{SALT_SIZE}s{NONCE_SIZE}s")
HEADER_SIZE: Final = _HEADER.size
_REMEMBERED: Final = 4096  # starts of headers, each of 69 bytes

SHORTEST: Final = HEADER_SIZE + 1 + TAG_SIZE
LONGEST: Final = HEADER_SIZE + SYMMETRIC_DEFAULT.plaintext_limits[SYMMETRIC_DEFAULT.name] + TAG_SIZE


class Ciphertext:
    """A ciphertext blob taken apart. What is read here is in the header, which is authenticated."""

    __slots__ = ("body", "header", "key_id", "material_id", "nonce", "salt")

    def __init__(
        self, header: bytes, body: bytes, key_id: str, material_id: str, salt: bytes, nonce: bytes
    ) -> None:
        self.header: Final = header  # the first 97 bytes
        self.body: Final = body  # ciphertext || tag
        self.key_id: Final = key_id  # that the blob names, 36 characters
        self.material_id: Final = material_id  # the same, 64 lower-case hexadecimal characters
        self.salt: Final = salt  # of the one-time key
        self.nonce: Final = nonce  # of the one encryption under that key

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
    start, salt, nonce = _HEADER.unpack_from(blob)
    key_id, material_id = _named(start)
    return Ciphertext(blob[:HEADER_SIZE], blob[HEADER_SIZE:], key_id, material_id, salt, nonce)


@lru_cache(_REMEMBERED)
def _named(start: bytes) -> tuple[str, str]:
    """The key ID and the material ID in the start of a header. InvalidCiphertext."""
    key_id = start[len(VERSION) : -MATERIAL_ID_SIZE].decode("latin-1")  # which decodes anything
    if not is_key_id(key_id):
        raise InvalidCiphertext
    return key_id, start[-MATERIAL_ID_SIZE:].hex()

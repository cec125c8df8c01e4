"""Encryption under symmetric key material: a one-time AES-256-GCM key per message.

Follows architecture.md D2, as KMS does itself ("AWS KMS Cryptographic Details", symmetric
encryption operations): a random 128-bit salt, the one-time key by SP 800-108, a random nonce,
and header and encryption context as additional authenticated data. Refuses whatever was altered
by a single bit.
"""

from typing import Final

from cryptography.exceptions import InvalidTag

from crypto.ciphertext import HEADER_SIZE, Ciphertext, header_start
from crypto.errors import InvalidCiphertext
from crypto.labels import Label
from crypto.material import KeyMaterial, Randomness
from crypto.primitives import NONCE_SIZE, SALT_SIZE, OneTimeAead
from crypto.redaction import Redacted
from crypto.specs import SYMMETRIC_DEFAULT, KeySpec
from crypto.uses import PreparedKey

PLAINTEXT_LIMIT: Final = SYMMETRIC_DEFAULT.plaintext_limits[SYMMETRIC_DEFAULT.name]


def generate(spec: KeySpec, randomness: Randomness) -> bytes:
    """Fresh material."""
    size, _ = spec.material_sizes
    return randomness(size)


def imported(spec: KeySpec, given: bytes) -> bytes:
    """Material as it is imported: the key itself."""
    return given


class SymmetricCipher(Redacted, PreparedKey):
    """The prepared cipher of one key material; made once, used for every message, thread-safe."""

    __slots__ = ("_aead", "_header_start", "key_id", "material_id", "spec")
    _shown = ("key_id", "material_id")

    def __init__(self, material: KeyMaterial) -> None:
        if material.spec is not SYMMETRIC_DEFAULT:
            raise ValueError(f"material of {material.key_spec} makes no symmetric cipher")
        self.spec = material.spec
        self.key_id = material.key_id
        self.material_id = material.material_id
        self._header_start = header_start(material.key_id, material.material_id)
        self._aead = OneTimeAead(material.reveal(), Label.MESSAGE_KEY)

    @property
    def ready(self) -> bool:
        """See PreparedKey."""
        return True

    def encrypt(self, plaintext: bytes, context: bytes, randomness: Randomness) -> bytes:
        """Encrypt 1 to 4096 bytes under a canonical context; return the ciphertext blob.

        ValueError, without the bytes, for a plaintext of another size.
        """
        if not 1 <= len(plaintext) <= PLAINTEXT_LIMIT:
            raise ValueError(f"a plaintext of {len(plaintext)} bytes cannot be encrypted")
        drawn = randomness(SALT_SIZE + NONCE_SIZE)
        header = self._header_start + drawn
        if len(header) != HEADER_SIZE:
            raise ValueError("the source of randomness gave another number of bytes")
        salt, nonce = drawn[:SALT_SIZE], drawn[SALT_SIZE:]
        return header + self._aead.encrypt(salt, nonce, plaintext, header + context)

    def decrypt(self, ciphertext: Ciphertext, context: bytes) -> bytes:
        """Decrypt under a canonical context.

        InvalidCiphertext if a bit differs, or key, material or context are others.
        """
        if not ciphertext.header.startswith(self._header_start):
            raise InvalidCiphertext
        associated = ciphertext.header + context
        try:
            return self._aead.decrypt(
                ciphertext.salt, ciphertext.nonce, ciphertext.body, associated
            )
        except InvalidTag:
            raise InvalidCiphertext from None

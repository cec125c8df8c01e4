"""What a prepared key can do: one abstract class per key usage (KMS API reference, KeyUsage).

A key is prepared for the one usage it was created for (NIST SP 800-57 part 1, section 5.2), so
that a signing key cannot decrypt, whatever a caller asks. `ready` says whether the key object is
made already: making one may take as long as using it, and is left to the first use.
"""

from abc import ABC, abstractmethod

from crypto.errors import InvalidSignature
from crypto.messages import MESSAGE_FORMS, MessageType
from crypto.specs import KeySpec


class PreparedKey(ABC):
    """The key object of one key material, made once and used for every call; thread-safe."""

    __slots__ = ()
    spec: KeySpec
    key_id: str
    material_id: str

    @property
    @abstractmethod
    def ready(self) -> bool:
        """Whether the next call finds the key object made."""


class PublicHalf(PreparedKey):
    """A key with a public half."""

    __slots__ = ()

    @abstractmethod
    def public_key(self) -> bytes:
        """The public key as SubjectPublicKeyInfo in DER (RFC 5280 section 4.1)."""


class AsymmetricCipher(PublicHalf):
    """Encrypts with the public half, decrypts with the private one."""

    __slots__ = ()

    @abstractmethod
    def encrypt(self, algorithm: str, plaintext: bytes) -> bytes:
        """The bare ciphertext. ValueError for a plaintext that is too long."""

    @abstractmethod
    def decrypt(self, algorithm: str, ciphertext: bytes) -> bytes:
        """The plaintext, or InvalidCiphertext."""


class Signer(PublicHalf):
    """Signs with the private half, verifies with the public one."""

    __slots__ = ()

    def sign(self, algorithm: str, message: bytes, message_type: MessageType) -> bytes:
        """A signature. ValueError for a message that the algorithm does not take."""
        _check_message(self.spec, algorithm, message, message_type)
        return self._sign(algorithm, message, message_type)

    def verify(
        self, algorithm: str, message: bytes, message_type: MessageType, signature: bytes
    ) -> None:
        """InvalidSignature unless this key signed this message with this algorithm.

        ValueError for a message that the algorithm does not take.
        """
        _check_message(self.spec, algorithm, message, message_type)
        if not self._verifies(algorithm, message, message_type, signature):
            raise InvalidSignature

    @abstractmethod
    def _sign(self, algorithm: str, message: bytes, message_type: MessageType) -> bytes: ...

    @abstractmethod
    def _verifies(
        self, algorithm: str, message: bytes, message_type: MessageType, signature: bytes
    ) -> bool: ...


class Mac(PreparedKey):
    """Makes and verifies message authentication codes."""

    __slots__ = ()

    @abstractmethod
    def generate(self, message: bytes) -> bytes:
        """The whole MAC of a message."""

    @abstractmethod
    def verify(self, message: bytes, mac: bytes) -> None:
        """InvalidMac unless it is the whole MAC of the message; in constant time."""


class Agreement(PublicHalf):
    """Agrees on a secret with the owner of another key pair."""

    __slots__ = ()

    @abstractmethod
    def agree(self, peer: bytes) -> bytes:
        """The raw shared secret with a peer's SubjectPublicKeyInfo, or InvalidPublicKey."""


class Encapsulation(PublicHalf):
    """Makes a secret with the public half that the private half recovers."""

    __slots__ = ()

    @abstractmethod
    def encapsulate(self) -> tuple[bytes, bytes]:
        """A fresh shared secret, and its encapsulation."""

    @abstractmethod
    def decapsulate(self, encapsulated: bytes) -> bytes:
        """The shared secret, or InvalidCiphertext if the size is wrong.

        Any other strange encapsulation gives an unpredictable secret (FIPS 203 section 6.3).
        """


def _check_message(
    spec: KeySpec, algorithm: str, message: bytes, message_type: MessageType
) -> None:
    known = any(algorithm in algorithms for algorithms in spec.algorithms.values())
    if not known or not MESSAGE_FORMS[algorithm].takes(message_type, len(message)):
        raise ValueError(f"{algorithm} of {spec.name} does not take such a message")

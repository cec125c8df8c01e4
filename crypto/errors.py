"""What the crypto package refuses, as a few exceptions.

They say that something was refused and never why or with which bytes: the difference between a
wrong key, a wrong context and a flipped bit helps only an attacker (KMS API reference, Decrypt,
InvalidCiphertextException). Only text files that an operator repairs by hand get a reason.
"""


class CryptoError(Exception):
    """Base of all errors that the crypto package raises about data it was given."""


class IncorrectKeyMaterial(CryptoError):
    """What was unwrapped is no key material of the key's spec."""


class InvalidCiphertext(CryptoError):
    """A ciphertext is malformed, was altered, or belongs to another key or encryption context;
    or wrapped key material does not unwrap."""


class InvalidImportToken(CryptoError):
    """An import token is malformed, was altered, or belongs to another key or region."""


class InvalidMac(CryptoError):
    """A message authentication code is not that of this message under this key."""


class InvalidPublicKey(CryptoError):
    """Another's public key is malformed, or not one that this key can agree with."""


class InvalidSignature(CryptoError):
    """A signature does not belong to this signer, purpose and message."""


class SealError(CryptoError):
    """Something sealed at rest or to this region, or a key file, does not open."""

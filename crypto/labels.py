"""The table of labels: what each secret is used for, and that no two uses share a derivation.

A label separates one use of a secret from every other (NIST SP 800-108r1 section 4, "Label").
Labels hold no zero byte, as a zero byte ends the label in the derivation, and the number in them
is the version of the format: a new format takes a new label and never gives an old one a new
meaning.
"""

from enum import Enum, unique


@unique
class Label(Enum):
    """One row per use: what comes out of the secret, or what a signature or seal is over."""

    # From key material
    MATERIAL_ID = b"keyspan/1 key material ID"
    TYPED_MATERIAL_ID = b"keyspan/1 typed key material ID"
    MESSAGE_KEY = b"keyspan/1 one-time message key"
    # From a root key
    ROOT_KEY_ID = b"keyspan/1 root key ID"
    SEALED_SECRET = b"keyspan/1 one-time key of a sealed secret"
    SEALED_MATERIAL = b"keyspan/1 one-time key of sealed key material"
    BACKUP = b"keyspan/1 backup"
    # With a region's identity
    SIGNATURE = b"keyspan/1 region signature"
    REGION_SECRET = b"keyspan/1 secret sealed to a region"
    REGION_MATERIALS = b"keyspan/1 key materials sealed to a region"
    FINGERPRINT = b"keyspan/1 region fingerprint"

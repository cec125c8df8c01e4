"""What a signature is made over: the forms of a message that each signing algorithm takes.

KMS API reference, Sign: Message, MessageType. A digest has exactly the size of the algorithm's
hash, and an external mu (FIPS 204 section 6.2, step 6) 64 bytes. RSA and ECDSA sign a digest as
if they had hashed the message themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class MessageType(StrEnum):
    """Whether a message is to be hashed, is a digest, or is the mu of ML-DSA."""

    RAW = "RAW"
    DIGEST = "DIGEST"
    EXTERNAL_MU = "EXTERNAL_MU"


@dataclass(frozen=True, slots=True)
class MessageForms:
    """The message types that one signing algorithm takes, each with its one size in bytes.

    None stands for any size.
    """

    sizes: Mapping[MessageType, int | None]

    def takes(self, message_type: MessageType, size: int) -> bool:
        """Whether a message of this type and size can be signed."""
        return message_type in self.sizes and self.sizes[message_type] in (None, size)


def _hashing(bits: int) -> MessageForms:
    return MessageForms(MappingProxyType({MessageType.RAW: None, MessageType.DIGEST: bits // 8}))


MESSAGE_FORMS: Final[Mapping[str, MessageForms]] = MappingProxyType(
    {
        **{f"RSASSA_PSS_SHA_{bits}": _hashing(bits) for bits in (256, 384, 512)},
        **{f"RSASSA_PKCS1_V1_5_SHA_{bits}": _hashing(bits) for bits in (256, 384, 512)},
        **{f"ECDSA_SHA_{bits}": _hashing(bits) for bits in (256, 384, 512)},
        "ED25519_SHA_512": MessageForms(MappingProxyType({MessageType.RAW: None})),
        "ML_DSA_SHAKE_256": MessageForms(
            MappingProxyType({MessageType.RAW: None, MessageType.EXTERNAL_MU: 64})
        ),
    }
)

"""HMAC keys: message authentication codes (FIPS 198-1), never truncated.

Material is the key itself. `hmac.digest` does the whole MAC in one call of OpenSSL.
"""

import hmac

from crypto.errors import InvalidMac
from crypto.material import KeyMaterial, Randomness
from crypto.redaction import Redacted
from crypto.specs import KeySpec
from crypto.uses import Mac


def generate(spec: KeySpec, randomness: Randomness) -> bytes:
    """Fresh material, as long as the hash (NIST SP 800-107r1 section 5.3.2)."""
    size, _ = spec.material_sizes
    return randomness(size)


def imported(spec: KeySpec, given: bytes) -> bytes:
    """Material as it is imported: the key itself."""
    return given


class HmacKey(Redacted, Mac):
    """An HMAC key for GENERATE_VERIFY_MAC."""

    __slots__ = ("_material", "key_id", "material_id", "spec")
    _shown = ("key_id", "material_id")

    def __init__(self, material: KeyMaterial) -> None:
        self.spec = material.spec
        self.key_id = material.key_id
        self.material_id = material.material_id
        self._material = material

    @property
    def ready(self) -> bool:
        """See PreparedKey."""
        return True

    def generate(self, message: bytes) -> bytes:
        """See Mac."""
        return hmac.digest(self._material.reveal(), message, self.spec.parameters)

    def verify(self, message: bytes, mac: bytes) -> None:
        """See Mac."""
        if not hmac.compare_digest(self.generate(message), mac):
            raise InvalidMac

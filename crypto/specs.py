"""What each key spec may do: one frozen row per spec, and no ladder of ifs anywhere else.

Names are those of the KMS API reference (CreateKey, KeySpec, KeyUsage; Encrypt, Plaintext).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One key spec: its name, its usages, the algorithms of each usage, its sizes in bytes."""

    name: str
    algorithms: Mapping[str, tuple[str, ...]]  # key usage -> algorithm names
    material_size: int
    plaintext_limit: int  # the longest Plaintext of one Encrypt call

    @property
    def usages(self) -> tuple[str, ...]:
        """The key usages a key of this spec may be created for, the default first."""
        return tuple(self.algorithms)


SYMMETRIC_DEFAULT: Final = KeySpec(
    name="SYMMETRIC_DEFAULT",
    algorithms=MappingProxyType({"ENCRYPT_DECRYPT": ("SYMMETRIC_DEFAULT",)}),
    material_size=32,
    plaintext_limit=4096,
)

KEY_SPECS: Final[Mapping[str, KeySpec]] = MappingProxyType(
    {spec.name: spec for spec in (SYMMETRIC_DEFAULT,)}
)

"""The encryption context in its one canonical form: associated data of every encryption.

Sorted by the UTF-8 bytes of the keys, each key and value after its length; the empty context and
the absent one are the same and give no bytes (KMS developer guide, "Encryption context"). Case
and every character count. Refuses text that is not Unicode; how large a context may be is the
caller's matter.
"""

from collections.abc import Mapping
from struct import Struct
from typing import Final

_pack: Final = Struct(">I").pack  # as encoding.prefixed writes it
_SHORT: Final = 256
_PACKED: Final = tuple(_pack(size) for size in range(_SHORT))  # of nearly all texts


def canonical_context(context: Mapping[str, str] | None) -> bytes:
    """The canonical bytes of an encryption context. ValueError if a key or value is not Unicode."""
    if not context:
        return b""
    parts: list[bytes] = []
    for key, value in sorted(context.items()):  # as their UTF-8 bytes sort (RFC 3629 section 1)
        name, text = key.encode(), value.encode()
        name_size, size = len(name), len(text)
        if name_size < _SHORT > size:
            parts += (_PACKED[name_size], name, _PACKED[size], text)
        else:
            parts += (_pack(name_size), name, _pack(size), text)
    return b"".join(parts)

"""The encryption context in its one canonical form: associated data of every encryption.

Sorted by the UTF-8 bytes of the keys, each key and value after its length; the empty context and
the absent one are the same and give no bytes (KMS developer guide, "Encryption context"). Case
and every character count. Refuses text that is not Unicode; how large a context may be is the
caller's matter.
"""

from collections.abc import Mapping

from crypto.encoding import prefixed


def canonical_context(context: Mapping[str, str] | None) -> bytes:
    """The canonical bytes of an encryption context. ValueError if a key or value is not Unicode."""
    if not context:
        return b""
    pairs = sorted(context.items())  # code points sort as their UTF-8 bytes do (RFC 3629 section 1)
    return b"".join([prefixed(text.encode()) for pair in pairs for text in pair])

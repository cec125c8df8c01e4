"""The text form of key files: a title with its version, named fields, a checksum.

    keyspan root key v1
    id: 0f1e…
    secret: 8a41…
    checksum: 77c2…

The checksum is the SHA-256 of all lines before its own. It tells a damaged file from a wrong one
and protects nothing: who may write the file may replace it. There is one spelling, and other
fields, another order, other line ends or spaces are refused. Only the newline at the end may be
missing, as secret mounts and environment variables lose it. Reasons name the kind of file, never
its content.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from crypto.errors import SealError

LONGEST: Final = 4096  # characters: several times the longest file there is

_SEPARATOR: Final = ": "


def encode_fields(title: str, fields: Mapping[str, str]) -> str:
    """The text of a key file with these fields, in this order."""
    body = "".join([title + "\n", *(f"{name}: {value}\n" for name, value in fields.items())])
    return f"{body}{_checksum_line(body)}\n"


def decode_fields(title: str, names: Sequence[str], text: str) -> dict[str, str]:
    """The fields of a key file. SealError, with a reason to show an operator, on any other text."""
    if len(text) > LONGEST or not text.isascii() or not text.startswith(title + "\n"):
        raise SealError(f"this is no {title!r} file")
    body, newline, checksum = text.removesuffix("\n").rpartition("\n")
    if checksum != _checksum_line(body + newline):
        raise SealError(f"the {title!r} file is damaged: its checksum does not match")
    fields = dict(line.partition(_SEPARATOR)[::2] for line in body.split("\n")[1:])
    if (
        list(fields) != list(names)
        or encode_fields(title, fields) != text.removesuffix("\n") + "\n"
    ):
        raise SealError(f"a {title!r} file has the fields {', '.join(names)}, one a line")
    return fields


def decode_secret(title: str, value: str, size: int) -> bytes:
    """The `size` bytes that a field spells in lower-case hexadecimal. SealError on all else."""
    try:
        secret = bytes.fromhex(value)
    except ValueError:
        secret = b""
    if len(secret) != size or secret.hex() != value:
        raise SealError(f"a secret in a {title!r} file is {size} bytes in lower-case hexadecimal")
    return secret


def _checksum_line(body: str) -> str:
    return f"checksum{_SEPARATOR}{hashlib.sha256(body.encode('ascii')).hexdigest()}"

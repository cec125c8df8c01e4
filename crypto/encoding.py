"""Length-prefixed encodings: several values as one byte string that reads back in one way only.

Two different lists of fields never give the same bytes, so that what is bound into a signature
or a seal cannot be moved from one field to the next. Joining with separators has no place in
Keyspan.
"""

from typing import Final

PREFIX_SIZE: Final = 4  # bytes, big-endian: the length of what follows

_TEXT: Final = b"s"
_BYTES: Final = b"b"
_INTEGER: Final = b"i"
_INTEGER_SIZE: Final = 8  # bytes, big-endian, unsigned


def prefixed(value: bytes) -> bytes:
    """`value` after its length. OverflowError from 4 GiB on."""
    return len(value).to_bytes(PREFIX_SIZE, "big") + value


def binding(*fields: str | bytes | int) -> bytes:
    """The canonical bytes of a list of fields, for associated data, HPKE info and signatures.

    Each field is a type letter, a length and the value: text in UTF-8, bytes as they are, an
    integer from 0 to 2^64 - 1 in eight bytes. TypeError on another type, ValueError on an
    integer out of range or text that is not Unicode.
    """
    return b"".join(map(_field, fields))


def _field(value: str | bytes | int) -> bytes:
    match value:
        case str():
            return _TEXT + prefixed(value.encode())
        case bytes():
            return _BYTES + prefixed(value)
        case bool():  # an int to Python, but no number to a reader
            raise TypeError("a bound field is text, bytes or an integer, not a truth value")
        case int():
            return _INTEGER + prefixed(_unsigned(value))
    raise TypeError(f"a bound field is text, bytes or an integer, not {type(value).__name__}")


def _unsigned(value: int) -> bytes:
    if not 0 <= value < 1 << 8 * _INTEGER_SIZE:
        raise ValueError("a bound integer lies between 0 and 2^64 - 1")
    return value.to_bytes(_INTEGER_SIZE, "big")

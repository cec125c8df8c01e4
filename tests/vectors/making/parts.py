"""What all vectors are made from: seeded values, and the defects that every byte format shares."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from crypto.material import KeyMaterial, Randomness

Document = dict[str, Any]
Fields = Mapping[str, tuple[int, int]]  # field name -> (offset, end); negative counts from the end

ACCEPTED = "accepted"

REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
KEY_ID = "mrk-1f3c5a7e9b2d4c6f8091a2b3c4d5e6f7"
OTHER_KEY_ID = "0d9c8b7a-6f5e-4d3c-a2b1-90817263544f"


def seeded(label: str) -> Randomness:
    """A source of bytes that gives the same ones whenever it is made with the same label."""
    return Random(f"keyspan vectors {label}").randbytes


def secret(label: str) -> bytes:
    return seeded(label)(32)


MATERIAL = KeyMaterial.of(KEY_ID, secret("material"))
OTHER_MATERIAL = KeyMaterial.of(KEY_ID, secret("other material"))


def accepted(note: str, **fields: Any) -> Document:
    return {"expect": ACCEPTED, "note": note, **fields}


def refused(error: str, note: str, **fields: Any) -> Document:
    return {"expect": error, "note": note, **fields}


def defects(fields: Fields, blob: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Name, note and bytes of every defect that a blob with these fields can have."""
    for name, (offset, end) in fields.items():
        start, stop = offset % len(blob), end % len(blob) or len(blob)
        yield f"{name}_first_bit_flipped", f"first bit of {name}", flipped(blob, start, 0x80)
        yield f"{name}_last_bit_flipped", f"last bit of {name}", flipped(blob, stop - 1, 0x01)
        yield f"truncated_before_{name}", f"ends before {name}", blob[:start]
        yield f"truncated_within_{name}", f"ends one byte short of {name}'s end", blob[: stop - 1]
    yield "trailing_byte", "one zero byte after the end", blob + b"\x00"
    yield "leading_byte", "one version byte before the start", blob[:1] + blob
    yield "byte_missing", "the first byte is missing", blob[1:]
    yield "twice", "the blob twice", blob + blob


def flipped(blob: bytes, position: int, mask: int) -> bytes:
    return blob[:position] + bytes([blob[position] ^ mask]) + blob[position + 1 :]

"""Vectors of the values that others are bound to: encryption context, binding, material ID."""

from crypto.context import canonical_context
from crypto.encoding import binding
from crypto.material import KeyMaterial
from tests.vectors.making.parts import (
    KEY_ID,
    MATERIAL,
    OTHER_KEY_ID,
    Document,
    accepted,
    refused,
    secret,
)

_CONTEXTS: dict[str, tuple[str, dict[str, str] | None]] = {
    "absent": ("no context gives no bytes", None),
    "empty": ("an empty context is no context", {}),
    "one_pair": ("one pair", {"purpose": "test"}),
    "empty_key_and_value": ("empty strings are values too", {"": ""}),
    "sorted_by_bytes": ("upper case sorts before lower case", {"b": "1", "a": "2", "B": "3"}),
    "key_is_prefix_of_key": ("the shorter key comes first", {"ab": "x", "a": "bx"}),
    "beyond_the_basic_plane": (
        "U+FFFF before U+1F511, as in UTF-8 and unlike UTF-16",
        {"\U0001f511": "key", "\uffff": "last of the basic plane"},
    ),
    "not_normalised": ("U+00E9 and e with U+0301 stay two keys", {"\u00e9": "1", "e\u0301": "2"}),
    "zero_byte": ("a zero byte is a character like others", {"a\x00b": "\x00"}),
    "long_value": ("a length of more than one byte", {"k": "v" * 300}),
}

_BINDINGS: dict[str, tuple[str, tuple[str | bytes | int, ...]]] = {
    "nothing": ("no field", ()),
    "empty_text": ("one empty text is not nothing", ("",)),
    "empty_bytes": ("empty bytes are not empty text", (b"",)),
    "zero": ("an integer is eight bytes", (0,)),
    "largest_integer": ("2^64 - 1", ((1 << 64) - 1,)),
    "text_bytes_integer": ("the three types", ("us-east-1", b"\x00\xff", 7)),
    "boundary_left": ("ab and c", ("ab", "c")),
    "boundary_right": ("a and bc, with the same letters", ("a", "bc")),
    "utf8": ("text is UTF-8", ("\u00e9\U0001f511",)),
}


def encryption_contexts() -> dict[str, Document]:
    documents = {
        name: accepted(note, context=context, canonical=canonical_context(context).hex())
        for name, (note, context) in _CONTEXTS.items()
    }
    lone = "half of a surrogate pair is no Unicode text"
    documents["lone_surrogate_in_key"] = refused("ValueError", lone, context={"\ud83d": "x"})
    documents["lone_surrogate_in_value"] = refused("ValueError", lone, context={"x": "\udd11"})
    return documents


def bindings() -> dict[str, Document]:
    documents = {
        name: accepted(note, fields=[_field(each) for each in fields], bound=binding(*fields).hex())
        for name, (note, fields) in _BINDINGS.items()
    }
    return documents | {
        "negative_integer": refused("ValueError", "integers are unsigned", fields=[{"int": -1}]),
        "integer_too_large": refused("ValueError", "2^64", fields=[{"int": 1 << 64}]),
        "lone_surrogate": refused("ValueError", "no Unicode text", fields=[{"text": "\ud83d"}]),
        "truth_value": refused("TypeError", "no number to a reader", fields=[{"int": True}]),
        "nothing_at_all": refused("TypeError", "null is no field", fields=[{"text": None}]),
    }


def _field(value: str | bytes | int) -> Document:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return {"text": value} if isinstance(value, str) else {"int": value}


def material_ids() -> dict[str, Document]:
    plain = KeyMaterial.of(OTHER_KEY_ID, secret("material"))
    zeros = KeyMaterial.of(KEY_ID, bytes(32))
    documents = {
        name: accepted(
            note, key_id=material.key_id, secret=material.reveal().hex(), id=material.material_id
        )
        for name, note, material in (
            ("multi_region_key", "a multi-Region key", MATERIAL),
            ("single_region_key", "the same secret under another key ID", plain),
            ("zero_secret", "32 zero bytes", zeros),
        )
    }
    return documents | {
        name: refused("ValueError", note, key_id=key_id, secret=data.hex())
        for name, note, key_id, data in (
            ("secret_empty", "no bytes", KEY_ID, b""),
            ("secret_short", "31 bytes", KEY_ID, bytes(31)),
            ("secret_long", "33 bytes", KEY_ID, bytes(33)),
            ("key_id_upper_case", "key IDs are lower-case", KEY_ID.upper(), bytes(32)),
            ("key_id_short", "35 characters", KEY_ID[:-1], bytes(32)),
            ("key_id_with_newline", "37 characters", KEY_ID + "\n", bytes(32)),
            ("key_id_not_ascii", "an Arabic digit", KEY_ID[:-1] + "\u0661", bytes(32)),
            ("key_id_is_an_arn", "an ARN", f"arn:aws:kms:us-east-1:1:key/{KEY_ID}", bytes(32)),
            ("key_id_without_dashes", "a UUID in hex", OTHER_KEY_ID.replace("-", ""), bytes(32)),
        )
    }

"""Vectors of the ciphertext blob: good ones, damaged ones, and authentic ones of a wrong form."""

from crypto.context import canonical_context
from crypto.symmetric import SymmetricCipher
from tests.vectors import reference
from tests.vectors.making.parts import (
    KEY_ID,
    MATERIAL,
    OTHER_KEY_ID,
    OTHER_MATERIAL,
    Document,
    Fields,
    accepted,
    defects,
    refused,
    seeded,
)

FIELDS: Fields = {
    "version": (0, 1),
    "key_id": (1, 37),
    "material_id": (37, 69),
    "salt": (69, 85),
    "nonce": (85, 97),
    "ciphertext": (97, -16),
    "tag": (-16, 0),
}
CONTEXT = {"purpose": "vector", "tenant": "alpha"}

_PLAIN = b"thirty-two bytes of a data key.."
_GOOD: dict[str, tuple[str, bytes, dict[str, str] | None]] = {
    "data_key": ("32 bytes with a context", _PLAIN, CONTEXT),
    "without_context": ("no encryption context", _PLAIN, None),
    "shortest": ("one byte", b"\x00", CONTEXT),
    "longest": ("4096 bytes", b"\xa5" * 4096, CONTEXT),
}
_OTHER_CONTEXTS: dict[str, tuple[str, dict[str, str] | None]] = {
    "context_missing": ("no context", None),
    "context_empty": ("an empty context", {}),
    "context_value_differs": ("another value", {**CONTEXT, "tenant": "beta"}),
    "context_case_differs": ("another case", {**CONTEXT, "tenant": "Alpha"}),
    "context_pair_missing": ("one pair less", {"purpose": "vector"}),
    "context_pair_added": ("one pair more", {**CONTEXT, "": ""}),
    "context_swapped": ("keys as values", {value: key for key, value in CONTEXT.items()}),
}


def ciphertexts() -> dict[str, Document]:
    return _good() | _damaged() | _contexts() | _authentic_but_wrong()


def _good() -> dict[str, Document]:
    documents = {}
    for name, (note, plaintext, context) in _GOOD.items():
        label = f"ciphertext {name}"
        drawn = seeded(label)(28)
        cipher = SymmetricCipher(MATERIAL)
        blob = cipher.encrypt(plaintext, canonical_context(context), seeded(label))
        documents[name] = accepted(
            note, **_inputs(blob, context), randomness=drawn.hex(), plaintext=plaintext.hex()
        )
    return documents


def _inputs(blob: bytes, context: dict[str, str] | None) -> Document:
    secret = MATERIAL.reveal().hex()
    return {"key_id": KEY_ID, "secret": secret, "context": context, "blob": blob.hex()}


def _refused(note: str, blob: bytes, context: dict[str, str] | None) -> Document:
    return refused("InvalidCiphertext", note, **_inputs(blob, context))


def _blob() -> bytes:
    cipher = SymmetricCipher(MATERIAL)
    return cipher.encrypt(_PLAIN, canonical_context(CONTEXT), seeded("ciphertext data_key"))


def _damaged() -> dict[str, Document]:
    return {name: _refused(note, blob, CONTEXT) for name, note, blob in defects(FIELDS, _blob())}


def _contexts() -> dict[str, Document]:
    return {
        name: _refused(note, _blob(), context) for name, (note, context) in _OTHER_CONTEXTS.items()
    }


def _authentic_but_wrong() -> dict[str, Document]:
    """Blobs whose tag is right for what they say: only their form or their names are refused."""
    other_key = OTHER_KEY_ID.encode()
    rows = {
        "authentic_version_0": ("version 0", _forged(version=0)),
        "authentic_version_2": ("version 2", _forged(version=2)),
        "authentic_empty_plaintext": ("no plaintext", _forged(plaintext=b"")),
        "authentic_4097_bytes": ("one byte over the limit", _forged(plaintext=bytes(4097))),
        "authentic_key_id_upper_case": ("upper case", _forged(key_id=KEY_ID.upper())),
        "authentic_key_id_not_ascii": ("a Latin-1 letter", _forged(key_id=KEY_ID[:-1] + "\u00e9")),
        "authentic_key_id_with_space": ("35 characters and a space", _forged(KEY_ID[:-1] + " ")),
        "authentic_header_not_bound": ("tag over the context alone", _forged(bind_header=False)),
        "authentic_context_not_bound": ("tag over the header alone", _forged(bind_context=False)),
        "authentic_material_key_used_directly": ("no one-time key", _forged(derive=False)),
        "other_key_named": ("another key ID", _blob()[:1] + other_key + _blob()[37:]),
        "other_material_named": ("another material ID", _renamed(OTHER_MATERIAL.material_id)),
        "other_material_used": ("the right names", _forged(secret=OTHER_MATERIAL.reveal())),
    }
    return {name: _refused(note, blob, CONTEXT) for name, (note, blob) in rows.items()}


def _renamed(material_id: str) -> bytes:
    return _blob()[:37] + bytes.fromhex(material_id) + _blob()[69:]


def _forged(
    key_id: str = KEY_ID,
    *,
    version: int = 1,
    plaintext: bytes = _PLAIN,
    secret: bytes = MATERIAL.reveal(),
    bind_header: bool = True,
    bind_context: bool = True,
    derive: bool = True,
) -> bytes:
    randomness = seeded("ciphertext forged")
    salt, nonce = randomness(16), randomness(12)
    material_id = bytes.fromhex(MATERIAL.material_id)
    header = reference.ciphertext_header(version, key_id, material_id, salt, nonce)
    associated = header * bind_header + reference.context_bytes(CONTEXT) * bind_context
    key = reference.message_key(secret, salt) if derive else secret
    return header + reference.gcm_encrypt(key, nonce, plaintext, associated)

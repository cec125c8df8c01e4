"""Vectors of what is sealed at rest under root keys: secrets, and key material."""

from crypto.encoding import binding
from crypto.sealing import RootKey, RootKeyRing
from tests.vectors import reference
from tests.vectors.making.parts import (
    KEY_ID,
    MATERIAL,
    OTHER_KEY_ID,
    OTHER_MATERIAL,
    OTHER_REGION,
    REGION,
    Document,
    Fields,
    accepted,
    defects,
    refused,
    secret,
    seeded,
)

FIELDS: Fields = {
    "version": (0, 1),
    "root_key_id": (1, 17),
    "salt": (17, 33),
    "nonce": (33, 45),
    "ciphertext": (45, -16),
    "tag": (-16, 0),
}
NEWEST = secret("root key, newest")
OLDER = secret("root key, older")
UNKNOWN = secret("root key, of another ring")

_SECRET_LABEL = b"keyspan/1 one-time key of a sealed secret"
_MATERIAL_LABEL = b"keyspan/1 one-time key of sealed key material"
_SECRET = b"an import token's private key, or the like"
_BOUND = binding("import token", REGION, 7)
_MATERIAL_BOUND = binding(REGION, KEY_ID, MATERIAL.material_id)


def _ring(*roots: bytes) -> RootKeyRing:
    return RootKeyRing([RootKey(root) for root in roots])


def sealed_secrets() -> dict[str, Document]:
    randomness = seeded("sealed secret")
    sealed = _ring(NEWEST).seal(_SECRET, _BOUND, randomness)
    older = _ring(OLDER).seal(_SECRET, _BOUND, randomness)
    shortest = _ring(NEWEST).seal(b"\x00", b"", randomness)
    documents = {
        "newest_root_key": _opens("sealed by the newest root key", sealed),
        "older_root_key": _opens("sealed before the ring got a newer key", older),
        "one_byte_bound_to_nothing": _opens("the shortest", shortest, b"", secret=b"\x00"),
    }
    rows = {name: (note, blob, _BOUND) for name, note, blob in defects(FIELDS, sealed)} | {
        "unknown_root_key": ("of no ring", _forged(_SECRET_LABEL, root=UNKNOWN), _BOUND),
        "bound_differs": ("another number", sealed, binding("import token", REGION, 8)),
        "bound_to_nothing": ("nothing bound", sealed, b""),
        "bound_extended": ("one more field", sealed, _BOUND + binding("")),
        "authentic_version_2": ("version 2", _forged(_SECRET_LABEL, version=2), _BOUND),
        "authentic_empty_secret": ("no secret", _forged(_SECRET_LABEL, plain=b""), _BOUND),
        "authentic_as_material": ("sealed as key material", _forged(_MATERIAL_LABEL), _BOUND),
        "other_root_key_named": ("the older's ID", sealed[:1] + older[1:17] + sealed[17:], _BOUND),
    }
    return documents | {
        name: refused("SealError", note, **_secret_inputs(blob, bound))
        for name, (note, blob, bound) in rows.items()
    }


def _opens(note: str, sealed: bytes, bound: bytes = _BOUND, secret: bytes = _SECRET) -> Document:
    return accepted(note, **_secret_inputs(sealed, bound), secret=secret.hex())


def _secret_inputs(sealed: bytes, bound: bytes) -> Document:
    return {"root_keys": [NEWEST.hex(), OLDER.hex()], "bound": bound.hex(), "sealed": sealed.hex()}


def sealed_materials() -> dict[str, Document]:
    randomness = seeded("sealed material")
    sealed = _ring(NEWEST).seal_material(MATERIAL, REGION, randomness)
    older = _ring(OLDER).seal_material(MATERIAL, REGION, randomness)
    as_secret = _ring(NEWEST).seal(MATERIAL.reveal(), _MATERIAL_BOUND, randomness)
    documents = {
        "newest_root_key": accepted("sealed by the newest", **_material_inputs(sealed)),
        "older_root_key": accepted("sealed by an older", **_material_inputs(older)),
    }
    other = OTHER_MATERIAL.reveal()
    rows: dict[str, tuple[str, bytes, Document]] = {
        name: (note, blob, {}) for name, note, blob in defects(FIELDS, sealed)
    } | {
        "other_region": ("of another region", sealed, {"region": OTHER_REGION}),
        "other_key_id": ("of another key", sealed, {"key_id": OTHER_KEY_ID}),
        "other_material_id": ("of other material", sealed, {"id": OTHER_MATERIAL.material_id}),
        "unknown_root_key": ("of no ring", _forged_material(root=UNKNOWN), {}),
        "authentic_version_2": ("version 2", _forged_material(version=2), {}),
        "authentic_other_secret": ("not what the ID names", _forged_material(plain=other), {}),
        "authentic_31_bytes": ("short", _forged_material(plain=MATERIAL.reveal()[:31]), {}),
        "authentic_33_bytes": ("long", _forged_material(plain=MATERIAL.reveal() + b"\x00"), {}),
        "authentic_as_secret": ("sealed as a secret", as_secret, {}),
    }
    return documents | {
        name: refused("SealError", note, **_material_inputs(blob) | changed)
        for name, (note, blob, changed) in rows.items()
    }


def _material_inputs(sealed: bytes) -> Document:
    return {
        "root_keys": [NEWEST.hex(), OLDER.hex()],
        "region": REGION,
        "key_id": KEY_ID,
        "id": MATERIAL.material_id,
        "sealed": sealed.hex(),
    }


def _forged_material(root: bytes = NEWEST, version: int = 1, plain: bytes | None = None) -> bytes:
    plain = MATERIAL.reveal() if plain is None else plain
    return _forged(_MATERIAL_LABEL, root, version, plain, _MATERIAL_BOUND)


def _forged(
    label: bytes,
    root: bytes = NEWEST,
    version: int = 1,
    plain: bytes = _SECRET,
    bound: bytes = _BOUND,
) -> bytes:
    randomness = seeded("sealed forged")
    return reference.seal_at_rest(
        root, label, randomness(16), randomness(12), plain, bound, version
    )

"""Vectors of import tokens, and of key material that was wrapped for one."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from crypto.asymmetric import private_der
from crypto.ec import private_key
from crypto.specs import KEY_SPECS
from tests.vectors import reference_wrapping as reference
from tests.vectors.making.parts import (
    KEY_ID,
    OTHER_KEY_ID,
    OTHER_REGION,
    REGION,
    Document,
    accepted,
    defects,
    refused,
    secret,
    seeded,
)
from tests.vectors.making.rest import FIELDS, NEWEST, OLDER, UNKNOWN

WRAPPING_KEY = bytes.fromhex(Path(__file__).with_name("wrapping_key.hex").read_text("ascii"))
"""An RSA_2048 key, made once, as generation takes the library's own randomness."""
VALID_TO = 1_700_086_400
PLACE = (REGION, KEY_ID)
SYMMETRIC = secret("imported symmetric")
SHA_1, SHA_256, WRAP_SHA_1, WRAP_SHA_256 = 1, 2, 3, 4  # the numbers of the wrapping algorithms


def import_tokens() -> dict[str, Document]:
    good = _token(_inside())
    documents = {
        "newest_root_key": _opens("sealed by the newest root key", good),
        "older_root_key": _opens("sealed before a newer came", _token(_inside(), root=OLDER)),
        "other_algorithm": _opens("RSAES_OAEP_SHA_1", _token(_inside(algorithm=SHA_1))),
        "valid_for_ever": _opens(
            "the largest time", _token(_inside(valid_to=2**64 - 1)), 2**64 - 1
        ),
    }
    rows: dict[str, tuple[str, bytes, Document]] = {
        name: (note, blob, {}) for name, note, blob in defects(FIELDS, good)
    } | {
        "other_region": ("of another region", good, {"region": OTHER_REGION}),
        "other_key_id": ("of another key", good, {"key_id": OTHER_KEY_ID}),
        "unknown_root_key": ("of no ring", _token(_inside(), root=UNKNOWN), {}),
        "authentic_other_purpose": (
            "sealed for another purpose",
            _token(_inside(), purpose="keyspan grant token"),
            {},
        ),
        "authentic_version_2": ("version 2", _token(_inside(version=2)), {}),
        "authentic_version_0": ("version 0", _token(_inside(version=0)), {}),
        "authentic_algorithm_0": ("no algorithm", _token(_inside(algorithm=0)), {}),
        "authentic_algorithm_5": ("no algorithm", _token(_inside(algorithm=5)), {}),
        "authentic_spec_1": ("1024 bits", _token(_inside(spec=1)), {}),
        "authentic_spec_5": ("5120 bits", _token(_inside(spec=5)), {}),
        "authentic_without_key": ("ends before the key", _token(_inside(private=b"")), {}),
        "authentic_short": ("ends within the time", _token(_inside()[:5]), {}),
    }
    return documents | {
        name: refused("InvalidImportToken", note, **_inputs(blob) | changed)
        for name, (note, blob, changed) in rows.items()
    }


def wrapped_materials() -> dict[str, Document]:
    scalar = (7).to_bytes(32, "big")
    pkcs8 = private_der(private_key(KEY_SPECS["ECC_NIST_P256"], scalar))
    documents = {
        "oaep_sha_1": _unwraps("RFC 8017", SHA_1, _oaep(SYMMETRIC, "sha1")),
        "oaep_sha_256": _unwraps("RFC 8017", SHA_256, _oaep(SYMMETRIC)),
        "key_wrap_sha_1": _unwraps("RFC 5649", WRAP_SHA_1, _between("sha1")),
        "key_wrap_sha_256": _unwraps("RFC 5649", WRAP_SHA_256, _between()),
        "hmac_of_33_bytes": _unwraps(
            "no multiple of 8",
            WRAP_SHA_256,
            _between(material=SYMMETRIC + b"\x01"),
            SYMMETRIC + b"\x01",
            "HMAC_256",
        ),
        "pkcs8_of_p256": _unwraps("the key 7", SHA_256, _oaep(pkcs8), scalar, "ECC_NIST_P256"),
    }
    cipher = "InvalidCiphertext"
    good, long = _oaep(SYMMETRIC), _between()
    rows = {
        "oaep_other_hash": ("SHA-1 for SHA-256", SHA_256, _oaep(SYMMETRIC, "sha1"), cipher),
        "oaep_bit_flipped": ("the last bit", SHA_256, good[:-1] + bytes([good[-1] ^ 1]), cipher),
        "oaep_short": ("the last byte is missing", SHA_256, good[:-1], cipher),
        "oaep_long": ("a byte more", SHA_256, good + b"\x00", cipher),
        "oaep_empty": ("nothing", SHA_256, b"\x00", cipher),
        "key_wrap_bit_flipped": (
            "the last bit",
            WRAP_SHA_256,
            long[:-1] + bytes([long[-1] ^ 1]),
            cipher,
        ),
        "key_wrap_missing": ("the key between alone", WRAP_SHA_256, long[:256], cipher),
        "key_wrap_short": ("7 bytes", WRAP_SHA_256, long[:263], cipher),
        "key_wrap_of_128_bits": ("AES-128", WRAP_SHA_256, _between(key=secret("k")[:16]), cipher),
        "key_wrap_other_key": (
            "another key between",
            WRAP_SHA_256,
            _oaep(secret("other")) + reference.key_wrap(secret("between"), SYMMETRIC),
            cipher,
        ),
        "key_wrap_as_oaep": ("not what the token says", SHA_256, long, cipher),
        "oaep_as_key_wrap": ("not what the token says", WRAP_SHA_256, good, cipher),
        "material_short": ("31 bytes", SHA_256, _oaep(SYMMETRIC[:31]), "IncorrectKeyMaterial"),
        "material_long": ("33 bytes", SHA_256, _oaep(bytes(33)), "IncorrectKeyMaterial"),
        "material_of_other_kind": ("PKCS#8", SHA_256, _oaep(pkcs8), "IncorrectKeyMaterial"),
    }
    return documents | {
        name: refused(error, note, **_wrapped_inputs(algorithm, blob))
        for name, (note, algorithm, blob, error) in rows.items()
    }


def _inside(
    valid_to: int = VALID_TO,
    algorithm: int = SHA_256,
    spec: int = 2,
    private: bytes = WRAPPING_KEY,
    version: int = 1,
) -> bytes:
    return reference.token_inside(valid_to, algorithm, spec, private, version)


def _token(inside: bytes, root: bytes = NEWEST, purpose: str = "keyspan import token") -> bytes:
    randomness = seeded("import token")
    return reference.token(root, randomness(16), randomness(12), PLACE, inside, purpose)


def _opens(note: str, token: bytes, valid_to: int = VALID_TO) -> Document:
    return accepted(note, **_inputs(token), valid_to=valid_to)


def _inputs(token: bytes) -> Document:
    return {
        "root_keys": [NEWEST.hex(), OLDER.hex()],
        "region": REGION,
        "key_id": KEY_ID,
        "token": token.hex(),
    }


def _oaep(message: bytes, digest: str = "sha256") -> bytes:
    key = load_der_private_key(WRAPPING_KEY, None)
    assert isinstance(key, RSAPrivateKey)
    public = key.public_key().public_numbers()
    seed = seeded("oaep seed")(20 if digest == "sha1" else 32)
    return reference.oaep(public.n, public.e, digest, seed, message)


def _between(
    digest: str = "sha256", material: bytes = SYMMETRIC, key: bytes | None = None
) -> bytes:
    key = secret("between") if key is None else key
    return _oaep(key, digest) + reference.key_wrap(key, material)


def _unwraps(
    note: str,
    algorithm: int,
    wrapped: bytes,
    material: bytes = SYMMETRIC,
    spec: str = "SYMMETRIC_DEFAULT",
) -> Document:
    return accepted(note, **_wrapped_inputs(algorithm, wrapped, spec), secret=material.hex())


def _wrapped_inputs(algorithm: int, wrapped: bytes, spec: str = "SYMMETRIC_DEFAULT") -> Document:
    token = _token(_inside(algorithm=algorithm))
    return {**_inputs(token), "key_spec": spec, "wrapped": wrapped.hex()}

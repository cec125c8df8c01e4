"""Vectors of region identities: signatures, and what is sealed to a region.

Encapsulation is random, so one encapsulated key, made once for the seed below, is kept in a file,
and every seal here is made with it.
"""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.encoding import prefixed
from crypto.identity import RegionIdentity
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
    flipped,
    refused,
    secret,
)

FIELDS: Fields = {
    "version": (0, 1),
    "mlkem_ciphertext": (1, 1089),
    "x25519_share": (1089, 1121),
    "ciphertext": (1121, -16),
    "tag": (-16, 0),
}
SIGNING_SEED = secret("signing seed")
SEALING_SEED = secret("sealing seed")
IDENTITY = RegionIdentity(REGION, SIGNING_SEED, SEALING_SEED)

_ENCAPSULATED = bytes.fromhex(Path(__file__).with_name("encapsulated.hex").read_text("ascii"))
_OTHER_INFO = b"log entry 17 of ap-southeast-2"
_INFO = b"log entry 17 of eu-west-1"
_SECRET = b"key policy, description and tags"
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493  # L, RFC 8032 section 5.1


def signatures() -> dict[str, Document]:
    purpose, message = b"log entry", b"entry 17 of us-east-1"
    signature = IDENTITY.sign(purpose, message)
    good = {
        "region": REGION,
        "seed": SIGNING_SEED.hex(),
        "public_key": IDENTITY.public.signing_key.hex(),
        "purpose": purpose.hex(),
        "message": message.hex(),
        "signature": signature.hex(),
    }
    fields: Fields = {"r": (0, 32), "s": (32, 64)}
    malleable = int.from_bytes(signature[32:], "little") + _GROUP_ORDER
    changes = {
        name: (note, {"signature": blob.hex()}) for name, note, blob in defects(fields, signature)
    } | {
        "all_zero": ("64 zero bytes", {"signature": bytes(64).hex()}),
        "s_plus_group_order": (
            "the same point, another spelling (RFC 8032 section 8.4)",
            {"signature": (signature[:32] + malleable.to_bytes(32, "little")).hex()},
        ),
        "other_purpose": ("another purpose", {"purpose": b"acknowledgement".hex()}),
        "other_message": ("another message", {"message": flipped(message, 0, 1).hex()}),
        "other_region": ("the same key in another region", {"region": OTHER_REGION}),
        "other_signer": ("another region's key", {"public_key": _other().public.signing_key.hex()}),
        "boundary_moved": (
            "a byte moved from purpose to message",
            {"purpose": purpose[:-1].hex(), "message": (purpose[-1:] + message).hex()},
        ),
        "unlabelled": (
            "signed without label, region and purpose",
            {"signature": Ed25519PrivateKey.from_private_bytes(SIGNING_SEED).sign(message).hex()},
        ),
    }
    documents = {
        "log_entry": accepted("an entry", **good),
        "empty_message": accepted(
            "nothing to sign",
            **good | {"message": "", "signature": IDENTITY.sign(purpose, b"").hex()},
        ),
    }
    return documents | {
        name: refused("InvalidSignature", note, **good | changed)
        for name, (note, changed) in changes.items()
    }


def public_identities() -> dict[str, Document]:
    public = IDENTITY.public
    signing, sealing = public.signing_key, public.sealing_key
    good = {"region": REGION, **public.encode()}
    changes: dict[str, tuple[str, Document]] = {
        "region_upper_case": ("upper case", {"region": "US-EAST-1"}),
        "region_empty": ("no region", {"region": ""}),
        "region_with_newline": ("a line end after the region", {"region": "us-east-1\n"}),
        "region_too_long": ("65 characters", {"region": "a" * 65}),
        "signing_key_missing": ("null", {"signing_key": None}),
        "signing_key_a_number": ("no text", {"signing_key": 1}),
        "signing_key_empty": ("no bytes", {"signing_key": ""}),
        "signing_key_short": ("31 bytes", {"signing_key": _base64(signing[:31])}),
        "signing_key_long": ("33 bytes", {"signing_key": _base64(signing + b"\x00")}),
        "signing_key_hex": ("another encoding", {"signing_key": signing.hex()}),
        "signing_key_unpadded": ("no padding", {"signing_key": _base64(signing).rstrip("=")}),
        "signing_key_with_space": ("a space", {"signing_key": " " + _base64(signing)}),
        "signing_key_not_ascii": ("a letter beyond ASCII", {"signing_key": "\u00e9" * 44}),
        "signing_key_spare_bits_set": (
            "another spelling of the same bytes",
            {"signing_key": _base64(bytes(32))[:-2] + "B="},
        ),
        "sealing_key_missing": ("null", {"sealing_key": None}),
        "sealing_key_without_x25519": ("1184 bytes", {"sealing_key": _base64(sealing[:1184])}),
        "sealing_key_short": ("1215 bytes", {"sealing_key": _base64(sealing[:-1])}),
        "sealing_key_long": ("1217 bytes", {"sealing_key": _base64(sealing + b"\x00")}),
        "sealing_key_not_reduced": (
            "a coefficient of 4095, over the modulus (FIPS 203 section 7.2)",
            {"sealing_key": _base64(b"\xff\xff" + sealing[2:])},
        ),
        "keys_swapped": (
            "each in the other's place",
            {"signing_key": _base64(sealing), "sealing_key": _base64(signing)},
        ),
    }
    document = accepted("as in the cluster file", **good, fingerprint=public.fingerprint)
    return {"as_written": document} | {
        name: refused("ValueError", note, **good | changed)
        for name, (note, changed) in changes.items()
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _other() -> RegionIdentity:
    return RegionIdentity(OTHER_REGION, secret("other signing seed"), secret("other sealing seed"))


def region_secrets() -> dict[str, Document]:
    info = reference.secret_info(REGION, _INFO)
    sealed = _sealed(_SECRET, info)
    good = {
        "region": REGION,
        "seed": SEALING_SEED.hex(),
        "info": _INFO.hex(),
        "sealed": sealed.hex(),
    }
    as_material = reference.materials_info(REGION, KEY_ID, [MATERIAL.material_id], _INFO)
    changes = {
        name: (note, {"sealed": blob.hex()}) for name, note, blob in defects(FIELDS, sealed)
    } | {
        "other_info": ("another origin", {"info": _OTHER_INFO.hex()}),
        "info_missing": ("no info", {"info": ""}),
        "other_receiver": ("another region's seed", {"seed": secret("other sealing seed").hex()}),
        "other_region": ("the same seed in another region", {"region": OTHER_REGION}),
        "low_order_share": ("an X25519 share of zero", {"sealed": _low_order(sealed).hex()}),
        "authentic_version_2": ("version 2", {"sealed": _sealed(_SECRET, info, 2).hex()}),
        "authentic_empty_secret": ("no secret", {"sealed": _sealed(b"", info).hex()}),
        "authentic_unlabelled": ("info alone", {"sealed": _sealed(_SECRET, _INFO).hex()}),
        "authentic_as_material": (
            "sealed as key material",
            {"sealed": _sealed(prefixed(MATERIAL.reveal()), as_material).hex()},
        ),
    }
    return {"opens": accepted("a secret", **good, secret=_SECRET.hex())} | _refused(good, changes)


def region_materials() -> dict[str, Document]:
    ids = [MATERIAL.material_id, OTHER_MATERIAL.material_id]
    info = reference.materials_info(REGION, KEY_ID, ids, _INFO)
    one, other = (prefixed(each.reveal()) for each in (MATERIAL, OTHER_MATERIAL))
    good = {
        "region": REGION,
        "seed": SEALING_SEED.hex(),
        "key_id": KEY_ID,
        "ids": ids,
        "info": _INFO.hex(),
        "beside": _SECRET.hex(),
        "sealed": _sealed(one + other + _SECRET, info).hex(),
    }
    for_none = _sealed(_SECRET, reference.materials_info(REGION, KEY_ID, [], _INFO))
    as_secret = _sealed(one + other + _SECRET, reference.secret_info(REGION, _INFO))
    forged = {
        "other_secret": ("not what the ID names", one + one + _SECRET),
        "other_order": ("the second one first", other + one + _SECRET),
        "31_bytes": ("short", prefixed(bytes(31)) + other + _SECRET),
        "one_missing": ("the first one alone", one),
        "cut_within_a_size": ("three bytes of the second one", one + other[:3]),
        "cut_within_a_secret": ("all of the second one but its last byte", one + other[:-1]),
        "size_too_large": ("a size beyond the end", b"\xff" * 4 + MATERIAL.reveal()),
    }
    changes: dict[str, tuple[str, Document]] = {
        "other_info": ("another origin", {"info": _OTHER_INFO.hex()}),
        "other_receiver": ("another region's seed", {"seed": secret("other sealing seed").hex()}),
        "other_region": ("the same seed in another region", {"region": OTHER_REGION}),
        "other_key_id": ("of another key", {"key_id": OTHER_KEY_ID}),
        "other_material_id": ("of other material", {"ids": [ids[1], ids[1]]}),
        "ids_in_another_order": ("the second one first", {"ids": ids[::-1]}),
        "id_left_out": ("as if one were beside the other", {"ids": ids[:1]}),
        "authentic_as_secret": ("sealed as a secret", {"sealed": as_secret.hex()}),
    }
    changes |= {
        f"authentic_{name}": (note, {"sealed": _sealed(plaintext, info).hex()})
        for name, (note, plaintext) in forged.items()
    }
    alone = _sealed(one, reference.materials_info(REGION, KEY_ID, ids[:1], _INFO))
    return {
        "opens": accepted("two materials, and more", **good),
        "one_alone": accepted(
            "one material", **good | {"ids": ids[:1], "beside": "", "sealed": alone.hex()}
        ),
        "no_material": accepted(
            "what goes with none", **good | {"ids": [], "sealed": for_none.hex()}
        ),
    } | _refused(good, changes)


def _refused(good: Document, changes: dict[str, tuple[str, Document]]) -> dict[str, Document]:
    return {
        name: refused("SealError", note, **good | changed)
        for name, (note, changed) in changes.items()
    }


def _sealed(secret: bytes, info: bytes, version: int = 1) -> bytes:
    return reference.seal_to_region(SEALING_SEED, _ENCAPSULATED, secret, info, version)


def _low_order(sealed: bytes) -> bytes:
    return sealed[:1089] + bytes(32) + sealed[1121:]

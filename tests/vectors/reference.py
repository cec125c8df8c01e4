"""A second implementation of every format, written from docs/formats.md and used by tests alone.

It shares no line with the crypto package and goes through other calls: `KBKDFHMAC` for the key
derivation, the streaming GCM mode for the AEAD, HPKE and X-Wing step by step from RFC 9180 and
draft-connolly-cfrg-xwing-kem. It trusts its input; refusing is the business of the package.
"""

import hashlib
import hmac
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

HPKE_SUITE = struct.pack(">4sHHH", b"HPKE", 0x647A, 0x0001, 0x0002)


def derive(secret: bytes, label: bytes, context: bytes) -> bytes:
    kdf = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=label,
        context=context,
        fixed=None,
    )
    return kdf.derive(secret)


def gcm_encrypt(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    encryptor = Cipher(AES(key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def gcm_decrypt(key: bytes, nonce: bytes, body: bytes, associated: bytes) -> bytes:
    decryptor = Cipher(AES(key), GCM(nonce, body[-16:])).decryptor()
    decryptor.authenticate_additional_data(associated)
    return decryptor.update(body[:-16]) + decryptor.finalize()


def context_bytes(context: Mapping[str, str] | None) -> bytes:
    encoded = b""
    for key, value in sorted((k.encode(), v.encode()) for k, v in (context or {}).items()):
        encoded += struct.pack(f">I{len(key)}sI{len(value)}s", len(key), key, len(value), value)
    return encoded


def bound(*fields: str | bytes | int) -> bytes:
    encoded = b""
    for field in fields:
        if isinstance(field, int):
            encoded += struct.pack(">cIQ", b"i", 8, field)
        elif isinstance(field, str):
            encoded += struct.pack(">cI", b"s", len(field.encode())) + field.encode()
        else:
            encoded += struct.pack(">cI", b"b", len(field)) + field
    return encoded


def material_id(key_id: str, secret: bytes) -> bytes:
    return derive(secret, b"keyspan/1 key material ID", key_id.encode())


def ciphertext_header(
    version: int, key_id: str, material: bytes, salt: bytes, nonce: bytes
) -> bytes:
    return struct.pack(">B36s32s16s12s", version, key_id.encode("latin-1"), material, salt, nonce)


def message_key(secret: bytes, salt: bytes) -> bytes:
    return derive(secret, b"keyspan/1 one-time message key", salt)


def open_ciphertext(secret: bytes, blob: bytes, context: Mapping[str, str] | None) -> bytes:
    version, key_id, material, salt, nonce = struct.unpack_from(">B36s32s16s12s", blob)
    assert (version, material) == (1, material_id(key_id.decode(), secret))
    associated = blob[:97] + context_bytes(context)
    return gcm_decrypt(message_key(secret, salt), nonce, blob[97:], associated)


def root_key_id(secret: bytes) -> bytes:
    return derive(secret, b"keyspan/1 root key ID", b"")[:16]


def seal_at_rest(
    root: bytes,
    label: bytes,
    salt: bytes,
    nonce: bytes,
    secret: bytes,
    binding: bytes,
    version: int = 1,
) -> bytes:
    header = struct.pack(">B16s16s12s", version, root_key_id(root), salt, nonce)
    return header + gcm_encrypt(derive(root, label, salt), nonce, secret, header + binding)


def open_at_rest(root: bytes, label: bytes, sealed: bytes, binding: bytes) -> bytes:
    version, root_id, salt, nonce = struct.unpack_from(">B16s16s12s", sealed)
    assert (version, root_id) == (1, root_key_id(root))
    return gcm_decrypt(derive(root, label, salt), nonce, sealed[45:], sealed[:45] + binding)


def backup_bound(region: str, backup_id: bytes, taken: int, number: int, last: int) -> bytes:
    return bound(b"keyspan/1 backup", region, backup_id, taken, number, int(last))


def open_backup(roots: list[bytes], backup: bytes) -> list[bytes]:
    """The parts of a good backup; no care is taken of a bad one."""
    size = backup[18]
    region = backup[19 : 19 + size].decode()
    backup_id, taken = struct.unpack(">16sQ", backup[19 + size : 43 + size])
    sealed, rest = [], backup[43 + size :]
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        sealed.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    by_id = {root_key_id(root): root for root in roots}
    label = b"keyspan/1 one-time key of a sealed secret"
    return [
        open_at_rest(
            by_id[piece[1:17]],
            label,
            piece,
            backup_bound(region, backup_id, taken, number, number == len(sealed) - 1),
        )
        for number, piece in enumerate(sealed)
    ]


def key_file(*lines: str) -> str:
    body = "".join(line + "\n" for line in lines)
    return body + "checksum: " + hashlib.sha256(body.encode()).hexdigest() + "\n"


def fingerprint(region: str, signing_key: bytes, sealing_key: bytes) -> str:
    fields = bound(b"keyspan/1 region fingerprint", region, signing_key, sealing_key)
    return hashlib.sha256(fields).hexdigest()


def signed_bytes(region: str, purpose: bytes, message: bytes) -> bytes:
    return bound(b"keyspan/1 region signature", region, purpose, message)


def secret_info(receiver: str, info: bytes) -> bytes:
    return bound(b"keyspan/1 secret sealed to a region", receiver, info)


def materials_info(receiver: str, key_id: str, materials: Sequence[str], info: bytes) -> bytes:
    label = b"keyspan/1 key materials sealed to a region"
    return bound(label, receiver, key_id, *materials, info)


def materials_and_beside(plaintext: bytes, number: int) -> tuple[list[bytes], bytes]:
    """So many secrets, each after its size, and what goes with them."""
    secrets = []
    for _ in range(number):
        (size,) = struct.unpack_from(">I", plaintext)
        secrets.append(plaintext[4 : 4 + size])
        plaintext = plaintext[4 + size :]
    return secrets, plaintext


def xwing_private(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(seed).digest(96)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    return mlkem, X25519PrivateKey.from_private_bytes(expanded[64:])


def xwing_public(seed: bytes) -> bytes:
    mlkem, x25519 = xwing_private(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def xwing_combine(mlkem_secret: bytes, x25519_secret: bytes, share: bytes, public: bytes) -> bytes:
    return hashlib.sha3_256(
        mlkem_secret + x25519_secret + share + public + rb"\.//^" + b"\\"
    ).digest()


def xwing_decapsulate(seed: bytes, encapsulated: bytes) -> bytes:
    mlkem, x25519 = xwing_private(seed)
    share = encapsulated[1088:]
    agreed = x25519.exchange(X25519PublicKey.from_public_bytes(share))
    public = x25519.public_key().public_bytes_raw()
    return xwing_combine(mlkem.decapsulate(encapsulated[:1088]), agreed, share, public)


def xwing_encapsulate(public: bytes) -> tuple[bytes, bytes]:
    secret, ciphertext = MLKEM768PublicKey.from_public_bytes(public[:1184]).encapsulate()
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    agreed = ephemeral.exchange(X25519PublicKey.from_public_bytes(public[1184:]))
    return xwing_combine(secret, agreed, share, public[1184:]), ciphertext + share


def hpke_schedule(suite: bytes, shared_secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """AEAD key and nonce of the first message in base mode (RFC 9180 section 5.1)."""

    def extract(salt: bytes, label: bytes, key: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + key, "sha256")

    def expand(prk: bytes, label: bytes, context: bytes, size: int) -> bytes:  # of one block
        labelled = struct.pack(">H", size) + b"HPKE-v1" + suite + label + context
        return hmac.digest(prk, labelled + b"\x01", "sha256")[:size]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared_secret, b"secret", b"")
    return expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)


def seal_to_region(
    seed: bytes, encapsulated: bytes, secret: bytes, info: bytes, version: int = 1
) -> bytes:
    """Seal with an encapsulated key that is at hand, as its receiver can: for vectors alone."""
    key, nonce = hpke_schedule(HPKE_SUITE, xwing_decapsulate(seed, encapsulated), info)
    return bytes([version]) + encapsulated + gcm_encrypt(key, nonce, secret, b"")


def open_to_region(seed: bytes, sealed: bytes, info: bytes) -> bytes:
    assert sealed[0] == 1
    key, nonce = hpke_schedule(HPKE_SUITE, xwing_decapsulate(seed, sealed[1:1121]), info)
    return gcm_decrypt(key, nonce, sealed[1121:], b"")


def plain(value: Any) -> bytes:
    """A plain value in the shortest msgpack (docs/formats.md, "Plain values")."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    if isinstance(value, int):
        return _plain_integer(value)
    if isinstance(value, str):
        raw = value.encode()
        return _sized(len(raw), (0xA0, 32), (0xD9, 0xDA, 0xDB)) + raw
    if isinstance(value, bytes):
        return _sized(len(value), (0, 0), (0xC4, 0xC5, 0xC6)) + value
    if isinstance(value, list):
        return _sized(len(value), (0x90, 16), (0, 0xDC, 0xDD)) + b"".join(map(plain, value))
    pairs = b"".join(plain(key) + plain(each) for key, each in value.items())
    return _sized(len(value), (0x80, 16), (0, 0xDE, 0xDF)) + pairs


def _plain_integer(value: int) -> bytes:
    if value < 128:
        return bytes([value])
    for code, size in ((0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8)):
        if value < 1 << 8 * size:
            return bytes([code]) + value.to_bytes(size, "big")
    raise ValueError


def _sized(size: int, short: tuple[int, int], codes: tuple[int, int, int]) -> bytes:
    """The head of a value of this size: in one byte below a limit, else with 1, 2 or 4 more."""
    first, limit = short
    if size < limit:
        return bytes([first + size])
    for code, width in zip(codes, (1, 2, 4), strict=True):
        if code and size < 1 << 8 * width:
            return bytes([code]) + size.to_bytes(width, "big")
    raise ValueError


def genesis(origin: str, log_id: bytes) -> bytes:
    return hashlib.sha256(bound("keyspan log genesis", origin, log_id)).digest()


def log_entry(seed: bytes, body: Mapping[str, Any], version: int = 1) -> bytes:
    """A log entry, signed by the region that it names as its origin."""
    packed = plain(dict(body))
    signer = Ed25519PrivateKey.from_private_bytes(seed)
    signature = signer.sign(signed_bytes(body["origin"], b"keyspan log entry", packed))
    return plain([version, packed, signature])

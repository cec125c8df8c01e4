"""Every kind of key against published vectors: NIST's, and those of the RFCs.

As `cryptography_vectors` carries them. What has another key size or hash than KMS's specs is left
out; how many remain is told, so that a reader that finds nothing fails.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from crypto.errors import InvalidCiphertext, InvalidMac, InvalidPublicKey, InvalidSignature
from crypto.messages import MessageType
from crypto.uses import Agreement, AsymmetricCipher, Encapsulation, Mac, Signer
from tests.vectors.cavp import Record, cavp_records, pkcs1_examples
from tests.vectors.material import key_of, rsa_secret
from tests.vectors.nist import open_file

RAW, DIGEST, EXTERNAL_MU = MessageType.RAW, MessageType.DIGEST, MessageType.EXTERNAL_MU


def signer(secret: bytes, spec: str) -> Signer:
    key = key_of(secret, spec, "SIGN_VERIFY")
    assert isinstance(key, Signer)
    return key


def verifies(key: Signer, algorithm: str, message: bytes, kind: MessageType, sig: bytes) -> bool:
    try:
        key.verify(algorithm, message, kind, sig)
    except InvalidSignature:
        return False
    return True


# RSA signatures: FIPS 186-3, SigVer


def rsa_verifications(name: str) -> Iterator[tuple[str, str, Record]]:
    for heading, record in cavp_records(f"asymmetric/RSA/FIPS_186-2/{name}"):
        bits = heading.removeprefix("mod=")
        large = bits in ("2048", "3072", "4096") and record["SHAAlg"] in (
            "SHA256",
            "SHA384",
            "SHA512",
        )
        if large and "p" in record:
            yield f"RSA_{bits}", record["SHAAlg"].replace("SHA", "SHA_"), record


def rsa_signer(spec: str, record: Record) -> Signer:
    p, q, e, d = (int(record[name], 16) for name in ("p", "q", "e", "d"))
    return signer(rsa_secret(p, q, e, d), spec)


def test_rsa_pkcs1_verification_is_that_of_nist() -> None:
    verdicts = []
    for spec, digest, record in rsa_verifications("SigVer15_186-3.rsp"):
        key = rsa_signer(spec, record)
        message, signature = bytes.fromhex(record["Msg"]), bytes.fromhex(record["S"])
        good = verifies(key, f"RSASSA_PKCS1_V1_5_{digest}", message, RAW, signature)
        assert good == record["Result"].startswith("P"), record
        verdicts.append(good)
    assert (verdicts.count(True), verdicts.count(False)) == (27, 135)


def test_rsa_pss_with_another_salt_length_is_refused() -> None:
    """NIST's have salts of 10 bytes, and KMS's are as long as the hash: even the good ones fail."""
    records = list(rsa_verifications("SigVerPSS_186-3.rsp"))
    good = [each for each in records if each[2]["Result"].startswith("P")]
    assert good
    for spec, digest, record in good:
        key = rsa_signer(spec, record)
        message, signature = bytes.fromhex(record["Msg"]), bytes.fromhex(record["S"])
        assert not verifies(key, f"RSASSA_PSS_{digest}", message, RAW, signature)


# RSA encryption: PKCS #1 OAEP examples


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("pkcs-1v2-1d2-vec/oaep-vect.txt", "RSAES_OAEP_SHA_1"),
        ("oaep-custom/oaep-sha256-sha256.txt", "RSAES_OAEP_SHA_256"),
    ],
)
def test_oaep_decryption(name: str, algorithm: str) -> None:
    decrypted = 0
    for numbers, pairs in pkcs1_examples(f"asymmetric/RSA/{name}"):
        if numbers["Modulus"].bit_length() != 2048:
            continue
        p, q, e, d = (
            numbers[each] for each in ("Prime 1", "Prime 2", "Public exponent", "Exponent")
        )
        key = key_of(rsa_secret(p, q, e, d), "RSA_2048", "ENCRYPT_DECRYPT")
        assert isinstance(key, AsymmetricCipher)
        for message, encryption in pairs:
            assert key.decrypt(algorithm, encryption) == message
            decrypted += 1
            with pytest.raises(InvalidCiphertext):
                key.decrypt(algorithm, encryption[:-1] + bytes([encryption[-1] ^ 1]))
    assert decrypted >= 6


# ECDSA: FIPS 186-3, SigGen


@pytest.mark.parametrize(
    ("file", "curve", "digest", "spec", "algorithm"),
    [
        ("FIPS_186-3", "P-256", "SHA-256", "ECC_NIST_P256", "ECDSA_SHA_256"),
        ("FIPS_186-3", "P-384", "SHA-384", "ECC_NIST_P384", "ECDSA_SHA_384"),
        ("FIPS_186-3", "P-521", "SHA-512", "ECC_NIST_P521", "ECDSA_SHA_512"),
        ("SECP256K1", "K-256", "SHA-256", "ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ],
)
def test_ecdsa(file: str, curve: str, digest: str, spec: str, algorithm: str) -> None:
    verified = 0
    for heading, record in cavp_records(f"asymmetric/ECDSA/{file}/SigGen.txt"):
        if heading != f"{curve},{digest}":
            continue
        key = ec_signer(record, spec)
        message = bytes.fromhex(record["Msg"])
        signature = encode_dss_signature(int(record["R"], 16), int(record["S"], 16))
        hashed = hashlib.new(digest.replace("-", ""), message).digest()
        assert verifies(key, algorithm, message, RAW, signature)
        assert verifies(key, algorithm, hashed, DIGEST, signature)
        assert not verifies(key, algorithm, message + b"\x00", RAW, signature)
        other = encode_dss_signature(int(record["R"], 16), int(record["S"], 16) ^ 1)
        assert not verifies(key, algorithm, message, RAW, other)
        verified += 1
    assert verified >= 15


def ec_signer(record: Record, spec: str) -> Signer:
    size = {"ECC_NIST_P384": 48, "ECC_NIST_P521": 66}.get(spec, 32)
    key = signer(int(record["d"], 16).to_bytes(size, "big"), spec)
    public = load_der_public_key(key.public_key())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert public.public_numbers().x == int(record["Qx"], 16)
    assert public.public_numbers().y == int(record["Qy"], 16)
    return key


# ECDH: SP 800-56A, KAS validity


@pytest.mark.parametrize(
    ("heading", "spec", "size", "curve"),
    [
        ("EC-SHA256", "ECC_NIST_P256", 32, ec.SECP256R1()),
        ("ED-SHA384", "ECC_NIST_P384", 48, ec.SECP384R1()),
        ("EE-SHA512", "ECC_NIST_P521", 66, ec.SECP521R1()),
    ],
)
def test_ecdh(heading: str, spec: str, size: int, curve: ec.EllipticCurve) -> None:
    agreed, refused = 0, 0
    name = "asymmetric/ECDH/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init.fax"
    for found, record in cavp_records(name):
        if found != heading:
            continue
        key = key_of(int(record["dsIUT"], 16).to_bytes(size, "big"), spec, "KEY_AGREEMENT")
        assert isinstance(key, Agreement)
        x, y = int(record["QsCAVSx"], 16), int(record["QsCAVSy"], 16)
        if record["Result"].startswith(("F (1", "F (2")):
            with pytest.raises(InvalidPublicKey):
                key.agree(point(key.public_key(), size, x, y))
            refused += 1
        elif record["Result"].startswith("P"):
            public = ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
            assert isinstance(public, ec.EllipticCurvePublicKey)
            assert key.agree(point(key.public_key(), size, x, y)).hex() == record["Z"].zfill(
                2 * size
            )
            agreed += 1
    assert agreed >= 5
    assert refused >= 4


def point(other: bytes, size: int, x: int, y: int) -> bytes:
    """A SubjectPublicKeyInfo of any point, on the curve or not: another's with its point put in."""
    return other[: -2 * size] + x.to_bytes(size, "big") + y.to_bytes(size, "big")


# Ed25519: RFC 8032 and its authors' 1024 vectors


def test_ed25519() -> None:
    signed = 0
    with open_file("asymmetric/Ed25519/sign.input") as lines:
        for line in lines:
            secret, _, message, signed_message, _ = (
                bytes.fromhex(each) for each in line.strip().split(":") + [""] * 0
            )
            key = signer(secret[:32], "ECC_NIST_EDWARDS25519")
            signature = signed_message[:64]
            assert key.sign("ED25519_SHA_512", message, RAW) == signature
            assert verifies(key, "ED25519_SHA_512", message, RAW, signature)
            assert not verifies(key, "ED25519_SHA_512", message + b"\x00", RAW, signature)
            signed += 1
    assert signed == 1024


# HMAC: RFC 4231


@pytest.mark.parametrize(("bits", "size"), [(224, 28), (256, 32), (384, 48), (512, 64)])
def test_hmac(bits: int, size: int) -> None:
    """Keys shorter than the spec allows are filled with zeros, as HMAC itself does (RFC 2104 2)."""
    made = 0
    for record in hmac_records(f"HMAC/rfc-4231-sha{bits}.txt"):
        secret = bytes.fromhex(record["Key"]).ljust(size, b"\x00")
        if len(secret) > size:
            continue  # longer than KMS's keys
        key = key_of(secret, f"HMAC_{bits}", "GENERATE_VERIFY_MAC")
        assert isinstance(key, Mac)
        message, mac = bytes.fromhex(record["Msg"]), bytes.fromhex(record["MD"])
        assert key.generate(message) == mac
        key.verify(message, mac)
        for wrong in (mac[:-1], mac + b"\x00", mac[::-1], b""):
            with pytest.raises(InvalidMac):
                key.verify(message, wrong)
        made += 1
    assert made >= 4


def hmac_records(name: str) -> Iterator[Record]:
    record: Record = {}
    with open_file(name) as lines:
        for line in lines:
            title, equals, value = line.strip().partition(" = ")
            if equals:
                record[title] = value
            if title == "MD":
                yield record


# ML-DSA and ML-KEM: the known answers of their authors


@pytest.mark.parametrize("number", [44, 65, 87])
def test_ml_dsa(number: int) -> None:
    """The vectors have contexts, which KMS has not: they are verified by their mu."""
    key: Any
    verified = 0
    for _, record in cavp_records(f"asymmetric/MLDSA/kat_MLDSA_{number}_det_pure.rsp"):
        key = signer(bytes.fromhex(record["xi"]), f"ML_DSA_{number}")
        raw = bytes.fromhex(record["pk"])
        assert key.public_key().endswith(raw)
        message, context = bytes.fromhex(record["msg"]), bytes.fromhex(record["ctx"])
        signature = bytes.fromhex(record["sm"])[: -len(message)]
        mu = message_representative(raw, message, context)
        assert verifies(key, "ML_DSA_SHAKE_256", mu, EXTERNAL_MU, signature)
        assert not verifies(key, "ML_DSA_SHAKE_256", mu[::-1], EXTERNAL_MU, signature)
        plain = message_representative(raw, message, b"")
        own = key.sign("ML_DSA_SHAKE_256", plain, EXTERNAL_MU)
        assert verifies(key, "ML_DSA_SHAKE_256", message, RAW, own)
        verified += 1
        if verified == 20:
            break
    assert verified == 20


def message_representative(public: bytes, message: bytes, context: bytes) -> bytes:
    """The mu of ML-DSA: FIPS 204 algorithm 2 line 10, algorithm 7 line 6."""
    tr = hashlib.shake_256(public).digest(64)
    return hashlib.shake_256(tr + b"\x00" + bytes([len(context)]) + context + message).digest(64)


@pytest.mark.parametrize("number", [768, 1024])
def test_ml_kem(number: int) -> None:
    opened = 0
    for _, record in cavp_records(f"asymmetric/MLKEM/kat_MLKEM_{number}.rsp"):
        secret = bytes.fromhex(record["d"] + record["z"])
        key = key_of(secret, f"ML_KEM_{number}", "ENCAPSULATE_DECAPSULATE")
        assert isinstance(key, Encapsulation)
        assert key.public_key().endswith(bytes.fromhex(record["pk"]))
        encapsulated = bytes.fromhex(record["ct"])
        assert key.decapsulate(encapsulated).hex() == record["ss"]
        assert key.decapsulate(bytes.fromhex(record["ct_n"])).hex() == record["ss_n"]  # implicit
        with pytest.raises(InvalidCiphertext):
            key.decapsulate(encapsulated[:-1])
        opened += 1
        if opened == 50:
            break
    assert opened == 50

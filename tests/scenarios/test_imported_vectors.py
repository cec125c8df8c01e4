"""Keys of published vectors, imported as a user would and used through the API: known answers.

The vectors are NIST's and their authors', as `cryptography_vectors` carries them; what is verified
or made is told by them, not by Keyspan. See tests/vectors/test_nist_keys.py for many more, on the
crypto package alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from crypto.asymmetric import private_der
from tests.outside.wrapping import WRAPPING_ALGORITHMS
from tests.scenarios.client import Kms, refused
from tests.scenarios.importing import WRAPPED, external, import_material
from tests.vectors.cavp import Record, cavp_records, pkcs1_examples
from tests.vectors.material import rsa_secret
from tests.vectors.nist import open_file
from tests.vectors.test_nist_keys import (
    hmac_records,
    message_representative,
    rsa_verifications,
)

FEW = 3


def imported(kms: Kms, spec: str, usage: str, material: bytes, algorithm: str = WRAPPED) -> str:
    """A key with the material of a vector."""
    key_id = external(kms, KeySpec=spec, KeyUsage=usage)
    import_material(kms, key_id, material, algorithm)
    return key_id


@pytest.mark.parametrize(("bits", "size"), [(224, 28), (256, 32), (384, 48), (512, 64)])
def test_hmac(kms: Kms, bits: int, size: int) -> None:
    """RFC 4231. Shorter keys are filled with zeros, as HMAC itself does (RFC 2104 section 2)."""
    made = 0
    for record in hmac_records(f"HMAC/rfc-4231-sha{bits}.txt"):
        secret = bytes.fromhex(record["Key"]).ljust(size, b"\x00")
        if len(secret) > size:
            continue  # longer than KMS's keys
        way = WRAPPING_ALGORITHMS[made % len(WRAPPING_ALGORITHMS)]
        key_id = imported(kms, f"HMAC_{bits}", "GENERATE_VERIFY_MAC", secret, way)
        members = {"KeyId": key_id, "Message": bytes.fromhex(record["Msg"])}
        algorithm = {"MacAlgorithm": f"HMAC_SHA_{bits}"}
        assert kms("GenerateMac", **members, **algorithm)["Mac"].hex() == record["MD"]
        made += 1
    assert made >= 4


@pytest.mark.parametrize(
    ("file", "curve", "spec", "algorithm"),
    [
        ("FIPS_186-3", "P-256,SHA-256", "ECC_NIST_P256", "ECDSA_SHA_256"),
        ("FIPS_186-3", "P-384,SHA-384", "ECC_NIST_P384", "ECDSA_SHA_384"),
        ("FIPS_186-3", "P-521,SHA-512", "ECC_NIST_P521", "ECDSA_SHA_512"),
        ("SECP256K1", "K-256,SHA-256", "ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ],
)
def test_ecdsa(kms: Kms, file: str, curve: str, spec: str, algorithm: str) -> None:
    """FIPS 186-3, SigGen: their private key, their signature."""
    records = (
        record
        for heading, record in cavp_records(f"asymmetric/ECDSA/{file}/SigGen.txt")
        if heading == curve
    )
    for record in islice(records, FEW):
        key_id = imported(kms, spec, "SIGN_VERIFY", private_der(scalar(spec, record)))
        signature = encode_dss_signature(int(record["R"], 16), int(record["S"], 16))
        members = {
            "KeyId": key_id,
            "Message": bytes.fromhex(record["Msg"]),
            "SigningAlgorithm": algorithm,
        }
        assert kms("Verify", Signature=signature, **members)["SignatureValid"] is True
        own = kms("Sign", **members)["Signature"]
        assert kms("Verify", Signature=own, **members)["SignatureValid"] is True
        public = kms("GetPublicKey", KeyId=key_id)["PublicKey"]
        assert public.endswith(bytes.fromhex(record["Qy"].zfill(2 * SIZES.get(spec, 32))))


SIZES = {"ECC_NIST_P384": 48, "ECC_NIST_P521": 66}
CURVES: dict[str, ec.EllipticCurve] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}


def scalar(spec: str, record: Record) -> ec.EllipticCurvePrivateKey:
    """The private key of a record, made by the library from its number."""
    return ec.derive_private_key(int(record["d"], 16), CURVES[spec])


def test_rsa_signatures(kms: Kms) -> None:
    """FIPS 186-3, SigVer15: which of their signatures are good, by their keys.

    The vectors try several exponents with one modulus, not all of which have an inverse: those are
    no RSA keys (RFC 8017 section 3.1), and are not taken.
    """
    by_key: dict[tuple[str, str, str], list[tuple[str, Record]]] = {}
    for spec, digest, record in rsa_verifications("SigVer15_186-3.rsp"):
        by_key.setdefault((spec, record["n"], record["e"]), []).append((digest, record))
    verdicts, keys = [], 0
    for (spec, _, _), records in by_key.items():
        p, q, e = (int(records[0][1][name], 16) for name in ("p", "q", "e"))
        order = math.lcm(p - 1, q - 1)
        if math.gcd(e, order) != 1 or keys == FEW:
            continue
        keys += 1
        material = rsa_secret(p, q, e, pow(e, -1, order))
        key_id = imported(kms, spec, "SIGN_VERIFY", material)
        for digest, record in records:
            members = {
                "KeyId": key_id,
                "Message": bytes.fromhex(record["Msg"]),
                "Signature": bytes.fromhex(record["S"]),
                "SigningAlgorithm": f"RSASSA_PKCS1_V1_5_{digest}",
            }
            good = record["Result"].startswith("P")
            if good:
                assert kms("Verify", **members)["SignatureValid"] is True
            else:
                with refused("KMSInvalidSignatureException", ""):
                    kms("Verify", **members)
            verdicts.append(good)
    assert verdicts.count(True) >= FEW
    assert verdicts.count(False) >= FEW


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("pkcs-1v2-1d2-vec/oaep-vect.txt", "RSAES_OAEP_SHA_1"),
        ("oaep-custom/oaep-sha256-sha256.txt", "RSAES_OAEP_SHA_256"),
    ],
)
def test_rsa_decryption(kms: Kms, name: str, algorithm: str) -> None:
    opened = 0
    for numbers, pairs in pkcs1_examples(f"asymmetric/RSA/{name}"):
        if numbers["Modulus"].bit_length() != 2048:
            continue
        named = ("Prime 1", "Prime 2", "Public exponent", "Exponent")
        secret = rsa_secret(*(numbers[each] for each in named))
        key_id = imported(kms, "RSA_2048", "ENCRYPT_DECRYPT", secret)
        for message, encryption in pairs:
            members = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
            assert kms.decrypt(encryption, **members) == message
            opened += 1
    assert opened >= FEW


def test_ed25519(kms: Kms) -> None:
    for secret, message, signature in islice(ed25519_records(), FEW, 2 * FEW):
        material = private_der(ed25519.Ed25519PrivateKey.from_private_bytes(secret))
        key_id = imported(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", material)
        signed = kms("Sign", KeyId=key_id, Message=message, SigningAlgorithm="ED25519_SHA_512")
        assert signed["Signature"] == signature


def ed25519_records() -> Iterator[tuple[bytes, bytes, bytes]]:
    with open_file("asymmetric/Ed25519/sign.input") as lines:
        for line in lines:
            secret, _, message, signed, _ = map(bytes.fromhex, line.strip().split(":"))
            yield secret[:32], message, signed[:64]


@pytest.mark.parametrize(
    ("number", "private"),
    [(44, mldsa.MLDSA44PrivateKey), (65, mldsa.MLDSA65PrivateKey), (87, mldsa.MLDSA87PrivateKey)],
)
def test_ml_dsa(kms: Kms, number: int, private: type[mldsa.MLDSA44PrivateKey]) -> None:
    """The vectors have contexts, which KMS has not: they are verified by their mu."""
    records = cavp_records(f"asymmetric/MLDSA/kat_MLDSA_{number}_det_pure.rsp")
    for _, record in islice(records, FEW):
        material = private_der(private.from_seed_bytes(bytes.fromhex(record["xi"])))
        key_id = imported(kms, f"ML_DSA_{number}", "SIGN_VERIFY", material)
        raw = bytes.fromhex(record["pk"])
        message, context = bytes.fromhex(record["msg"]), bytes.fromhex(record["ctx"])
        assert kms("GetPublicKey", KeyId=key_id)["PublicKey"].endswith(raw)
        verified = kms(
            "Verify",
            KeyId=key_id,
            Message=message_representative(raw, message, context),
            MessageType="EXTERNAL_MU",
            SigningAlgorithm="ML_DSA_SHAKE_256",
            Signature=bytes.fromhex(record["sm"])[: -len(message)],
        )
        assert verified["SignatureValid"] is True


@pytest.mark.parametrize(
    ("number", "private"), [(768, mlkem.MLKEM768PrivateKey), (1024, mlkem.MLKEM1024PrivateKey)]
)
def test_ml_kem(kms: Kms, number: int, private: type[mlkem.MLKEM768PrivateKey]) -> None:
    for _, record in islice(cavp_records(f"asymmetric/MLKEM/kat_MLKEM_{number}.rsp"), FEW):
        seed = bytes.fromhex(record["d"] + record["z"])
        material = private_der(private.from_seed_bytes(seed))
        key_id = imported(kms, f"ML_KEM_{number}", "ENCAPSULATE_DECAPSULATE", material)
        opened = kms(
            "Decapsulate",
            KeyId=key_id,
            EncapsulationAlgorithm="ML_KEM",
            SharedSecretCiphertextBlob=bytes.fromhex(record["ct"]),
        )
        assert opened["SharedSecret"].hex() == record["ss"]


def test_key_agreement(kms: Kms) -> None:
    """SP 800-56A, KAS validity: their private key, their peer, their shared secret."""
    name = "asymmetric/ECDH/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init.fax"
    records = (
        record
        for heading, record in cavp_records(name)
        if heading == "EC-SHA256" and record["Result"].startswith("P")
    )
    agreed = 0
    for record in islice(records, FEW):
        private = ec.derive_private_key(int(record["dsIUT"], 16), ec.SECP256R1())
        key_id = imported(kms, "ECC_NIST_P256", "KEY_AGREEMENT", private_der(private))
        own = kms("GetPublicKey", KeyId=key_id)["PublicKey"]
        x, y = (int(record[each], 16).to_bytes(32, "big") for each in ("QsCAVSx", "QsCAVSy"))
        shared = kms(
            "DeriveSharedSecret",
            KeyId=key_id,
            KeyAgreementAlgorithm="ECDH",
            PublicKey=own[:-64] + x + y,
        )["SharedSecret"]
        assert shared.hex() == record["Z"].zfill(64)
        agreed += 1
    assert agreed == FEW

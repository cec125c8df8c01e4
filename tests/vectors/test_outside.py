"""Vectors from outside, as `cryptography_vectors` carries them: NIST, RFC 9180 and its PQ draft."""

import json
from typing import Any

import cryptography_vectors
import pytest
from cryptography.exceptions import InvalidTag

from crypto import xwing
from crypto.primitives import finished_block, gcm_decrypt, gcm_encrypt, keyed_block
from tests.vectors import nist, reference

XWING = 0x647A
HKDF_SHA256 = 0x0001
AES_256_GCM = 0x0002


def test_counter_mode_kdf_of_nist() -> None:
    """CAVP, SP 800-108: HMAC-SHA-256, a 32-bit counter before the fixed data, first block."""
    section = {"PRF": "HMAC_SHA256", "CTRLOCATION": "BEFORE_FIXED", "RLEN": "32_BITS"}
    checked = 0
    with nist.open_file("KDF/nist-800-108-KBKDF-CTR.txt") as lines:
        for record in nist.records(lines, section):
            fixed, output = bytes.fromhex(record["FixedInputData"]), bytes.fromhex(record["KO"])
            split = checked % len(fixed)  # where head ends and tail starts makes no difference
            start = keyed_block(bytes.fromhex(record["KI"]), fixed[:split])
            size = min(len(output), 32)
            assert finished_block(start, fixed[split:])[:size] == output[:size]
            checked += 1
    assert checked == 40


_GCM_SECTION = {"Keylen": "256", "IVlen": "96", "Taglen": "128"}


def test_gcm_encryption_of_nist() -> None:
    checked = 0
    with nist.open_file("ciphers/AES/GCM/gcmEncryptExtIV256.rsp") as lines:
        for record in nist.records(lines, _GCM_SECTION):
            values = {
                name: bytes.fromhex(value) for name, value in record.items() if name != "Count"
            }
            inputs = values["Key"], values["IV"], values["PT"], values["AAD"]
            assert gcm_encrypt(*inputs) == values["CT"] + values["Tag"]
            assert reference.gcm_encrypt(*inputs) == values["CT"] + values["Tag"]
            checked += 1
    assert checked == 375


def test_gcm_decryption_of_nist() -> None:
    opened = refused = 0
    with nist.open_file("ciphers/AES/GCM/gcmDecrypt256.rsp") as lines:
        for record in nist.records(lines, _GCM_SECTION):
            key, nonce, body, tag, associated = (
                bytes.fromhex(record[name]) for name in ("Key", "IV", "CT", "Tag", "AAD")
            )
            if "FAIL" in record:
                with pytest.raises(InvalidTag):
                    gcm_decrypt(key, nonce, body + tag, associated)
                refused += 1
            else:
                plaintext = bytes.fromhex(record["PT"])
                assert gcm_decrypt(key, nonce, body + tag, associated) == plaintext
                opened += 1
    assert opened + refused == 375
    assert refused > 100


def _hpke(name: str) -> list[dict[str, Any]]:
    with cryptography_vectors.open_vector_file(f"HPKE/{name}", "r") as file:
        vectors: list[dict[str, Any]] = json.load(file)
    return vectors


def _suite(vector: dict[str, Any]) -> bytes:
    numbers = (vector[name].to_bytes(2, "big") for name in ("kem_id", "kdf_id", "aead_id"))
    return b"HPKE" + b"".join(numbers)


def test_xwing_seeds_of_the_hpke_pq_draft() -> None:
    """draft-ietf-hpke-pq: seed to public key, encapsulated key to shared secret."""
    vectors = [each for each in _hpke("hpke-pq-test-vectors.json") if each["kem_id"] == XWING]
    for vector in vectors:
        seed = bytes.fromhex(vector["skRm"])
        assert xwing.public_bytes(seed).hex() == vector["pkRm"]
        assert reference.xwing_public(seed).hex() == vector["pkRm"]
        shared_secret = reference.xwing_decapsulate(seed, bytes.fromhex(vector["enc"]))
        assert shared_secret.hex() == vector["shared_secret"]
    assert len(vectors) == 2


def test_xwing_key_schedule_of_the_hpke_pq_draft() -> None:
    """The second implementation's whole path for X-Wing with HKDF-SHA-256, up to the AEAD."""
    (vector,) = (
        each
        for each in _hpke("hpke-pq-test-vectors.json")
        if (each["kem_id"], each["kdf_id"]) == (XWING, HKDF_SHA256)
    )
    shared_secret, info = bytes.fromhex(vector["shared_secret"]), bytes.fromhex(vector["info"])
    key, nonce = reference.hpke_schedule(_suite(vector), shared_secret, info)
    assert (key.hex(), nonce.hex()) == (vector["key"], vector["base_nonce"])


def test_key_schedule_and_aead_of_rfc_9180() -> None:
    """RFC 9180: base mode with HKDF-SHA-256 and AES-256-GCM; the KEM has no part in these steps."""
    chosen = (0, HKDF_SHA256, AES_256_GCM)
    vectors = [
        each
        for each in _hpke("test-vectors.json")
        if (each["mode"], each["kdf_id"], each["aead_id"]) == chosen
    ]
    for vector in vectors:
        shared_secret, info = bytes.fromhex(vector["shared_secret"]), bytes.fromhex(vector["info"])
        key, nonce = reference.hpke_schedule(_suite(vector), shared_secret, info)
        assert (key.hex(), nonce.hex()) == (vector["key"], vector["base_nonce"])
        first = {name: bytes.fromhex(first) for name, first in _first_message(vector).items()}
        assert reference.gcm_encrypt(key, nonce, first["pt"], first["aad"]) == first["ct"]
    assert vectors


def _first_message(vector: dict[str, Any]) -> dict[str, str]:
    first = vector["encryptions"][0]
    return {name: first[name] for name in ("pt", "aad", "ct")}


def test_both_implementations_open_what_the_other_sealed() -> None:
    """Fresh encapsulations both ways: the chain from the vectors above to `crypto.xwing`."""
    seed, info = bytes(range(32)), b"info"
    public, private = xwing.public_bytes(seed), xwing.private_key(seed)
    assert (
        reference.open_to_region(seed, b"\x01" + xwing.seal(public, b"one", info), info) == b"one"
    )
    _, encapsulated = reference.xwing_encapsulate(public)
    sealed = reference.seal_to_region(seed, encapsulated, b"two", info)
    assert xwing.open_sealed(private, sealed[1:], info) == b"two"

"""What the crypto package makes, checked by the `openssl` command from public keys alone."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from crypto.keys import generate_pair
from crypto.messages import MessageType
from crypto.specs import KEY_SPECS
from crypto.uses import Agreement, AsymmetricCipher, Mac, Signer
from tests.outside import openssl
from tests.outside.openssl import OpenSsl
from tests.unit.crypto.keys import SIGNING, key_of, material_of

MESSAGE = b"attack at dawn" * 10


@pytest.fixture
def other(tmp_path: Path) -> OpenSsl:
    return OpenSsl(tmp_path)


def needs(kind: str) -> None:
    if not openssl.knows(kind):
        pytest.skip(f"{openssl.version()} has no {kind}")


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_openssl_verifies_every_signature(spec: str, algorithm: str, other: OpenSsl) -> None:
    if spec.startswith("ML_DSA"):
        needs(KEY_SPECS[spec].parameters)
    key = key_of(spec, "SIGN_VERIFY")
    assert isinstance(key, Signer)
    signature = key.sign(algorithm, MESSAGE, MessageType.RAW)
    assert other.verifies(algorithm, key.public_key(), MESSAGE, signature)
    assert not other.verifies(algorithm, key.public_key(), MESSAGE + b"!", signature)
    another = key_of(spec, "SIGN_VERIFY", 1)
    assert isinstance(another, Signer)
    assert not other.verifies(algorithm, another.public_key(), MESSAGE, signature)


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_openssl_and_rsa_read_each_other(spec: str, algorithm: str, other: OpenSsl) -> None:
    key = key_of(spec, "ENCRYPT_DECRYPT")
    assert isinstance(key, AsymmetricCipher)
    longest = b"\x00" * KEY_SPECS[spec].plaintext_limits[algorithm]
    private = material_of(spec).reveal()  # which is PKCS#8
    for plaintext in (b"x", longest):
        assert other.decrypt(algorithm, private, key.encrypt(algorithm, plaintext)) == plaintext
        sent = other.encrypt(algorithm, key.public_key(), plaintext)
        assert key.decrypt(algorithm, sent) == plaintext
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own
        key.encrypt(algorithm, longest + b"\x00")


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_openssl_derives_the_same_secret(spec: str, other: OpenSsl) -> None:
    key = key_of(spec, "KEY_AGREEMENT")
    assert isinstance(key, Agreement)
    peer = generate_pair(KEY_SPECS[spec], Random(1).randbytes)
    secret = key.agree(peer.public)
    assert secret == other.derive(peer.private, key.public_key())
    assert len(secret) == KEY_SPECS[spec].material_sizes[0]


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_openssl_makes_the_same_mac(bits: int, other: OpenSsl) -> None:
    key = key_of(f"HMAC_{bits}", "GENERATE_VERIFY_MAC")
    assert isinstance(key, Mac)
    secret = material_of(f"HMAC_{bits}").reveal()
    assert key.generate(MESSAGE) == other.mac(f"SHA{bits}", secret, MESSAGE)


@pytest.mark.parametrize("spec", [spec.name for spec in KEY_SPECS.values() if spec.kind.asymmetric])
def test_openssl_reads_every_data_key_pair(spec: str, other: OpenSsl) -> None:
    if spec.startswith("ML_"):
        needs(KEY_SPECS[spec].parameters)
    pair = generate_pair(KEY_SPECS[spec], Random(2).randbytes)
    assert other.public_of(pair.private) == pair.public

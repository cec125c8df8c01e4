"""What prepared keys refuse, one kind of key like the other."""

import pytest

from crypto.errors import InvalidCiphertext, InvalidMac, InvalidPublicKey, InvalidSignature
from crypto.keys import prepared
from crypto.material import KeyMaterial
from crypto.messages import MESSAGE_FORMS, MessageType
from crypto.specs import KEY_SPECS
from crypto.uses import Agreement, AsymmetricCipher, Encapsulation, Mac, PublicHalf, Signer
from tests.unit.crypto.keys import KEY_ID, SIGNING, key_of
from tests.unit.crypto.strategies import bit_flips

MESSAGE = b"message"
CURVES = ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"]


def signer(spec: str) -> Signer:
    key = key_of(spec, "SIGN_VERIFY")
    assert isinstance(key, Signer)
    return key


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_only_messages_of_the_algorithms_forms(spec: str, algorithm: str) -> None:
    forms = MESSAGE_FORMS[algorithm].sizes
    for message_type in MessageType:
        size = forms.get(message_type)
        wrong = 63 if message_type not in forms else None if size is None else size + 1
        if wrong is not None:
            with pytest.raises(ValueError, match="does not take such a message"):
                signer(spec).sign(algorithm, b"m" * wrong, message_type)
            with pytest.raises(ValueError, match="does not take such a message"):
                signer(spec).verify(algorithm, b"m" * wrong, message_type, b"s")


@pytest.mark.parametrize("spec", list(dict.fromkeys(spec for spec, _ in SIGNING)))
def test_only_algorithms_of_the_spec(spec: str) -> None:
    own = KEY_SPECS[spec].algorithms["SIGN_VERIFY"]
    for algorithm in [*MESSAGE_FORMS, "ED25519_PH_SHA_512", "SM2DSA", ""]:
        if algorithm not in own:
            with pytest.raises(ValueError, match="does not take"):
                signer(spec).sign(algorithm, MESSAGE, MessageType.RAW)


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("ECC_NIST_P256", "ECDSA_SHA_256"), ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512")],
)
def test_no_flipped_bit_of_a_signature_verifies(spec: str, algorithm: str) -> None:
    signature = signer(spec).sign(algorithm, MESSAGE, MessageType.RAW)
    for flipped in bit_flips(signature):
        with pytest.raises(InvalidSignature):
            signer(spec).verify(algorithm, MESSAGE, MessageType.RAW, flipped)


def test_no_flipped_bit_of_a_mac_verifies() -> None:
    key = key_of("HMAC_256", "GENERATE_VERIFY_MAC")
    assert isinstance(key, Mac)
    for flipped in bit_flips(key.generate(MESSAGE)):
        with pytest.raises(InvalidMac):
            key.verify(MESSAGE, flipped)


@pytest.mark.parametrize("spec", CURVES)
def test_no_other_curves_point_is_agreed_with(spec: str) -> None:
    key = key_of(spec, "KEY_AGREEMENT")
    assert isinstance(key, Agreement)
    halves = [key_of(other, "KEY_AGREEMENT") for other in CURVES if other != spec]
    halves += [key_of("ECC_SECG_P256K1", "SIGN_VERIFY"), key_of("RSA_2048", "SIGN_VERIFY")]
    for half in halves:
        assert isinstance(half, PublicHalf)
        with pytest.raises(InvalidPublicKey):
            key.agree(half.public_key())
    size = KEY_SPECS[spec].material_sizes[0]
    infinity = key.public_key()[: -2 * size - 1] + b"\x00"
    for wrong in (b"", b"\x30\x00", infinity, key.public_key()[:-1]):
        with pytest.raises(InvalidPublicKey):
            key.agree(wrong)


@pytest.mark.parametrize("size", [0, 1, 255, 257, 512])
def test_rsa_ciphertexts_are_as_long_as_the_modulus(size: int) -> None:
    key = key_of("RSA_2048", "ENCRYPT_DECRYPT")
    assert isinstance(key, AsymmetricCipher)
    with pytest.raises(InvalidCiphertext):
        key.decrypt("RSAES_OAEP_SHA_256", b"\x01" * size)


def test_encapsulations_have_one_size() -> None:
    key = key_of("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    assert isinstance(key, Encapsulation)
    for size in (0, 1087, 1089, 1568):
        with pytest.raises(InvalidCiphertext):
            key.decapsulate(bytes(size))


@pytest.mark.parametrize(
    ("spec", "secret"),
    [
        ("RSA_2048", bytes(1200)),
        ("ECC_NIST_P256", bytes(32)),
        ("ECC_NIST_P256", b"\xff" * 32),
        ("ECC_NIST_P521", b"\xff" * 66),
    ],
)
def test_material_that_is_no_key_makes_no_key_object(spec: str, secret: bytes) -> None:
    """It cannot come out of a seal; whoever hands it in hears of it at the first use."""
    key = prepared(KeyMaterial.of(KEY_ID, secret, spec), "SIGN_VERIFY")
    assert isinstance(key, Signer)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the library's own text
        key.public_key()
    assert secret.hex() not in str(caught.value)
    assert not key.ready

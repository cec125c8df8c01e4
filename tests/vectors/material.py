"""Key material made from the numbers of a published vector, for the crypto package to work with."""

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from crypto.keys import prepared
from crypto.material import KeyMaterial
from crypto.uses import PreparedKey

KEY_ID = "mrk-" + "7" * 32


def key_of(secret: bytes, spec: str, usage: str) -> PreparedKey:
    """The key object of a secret."""
    return prepared(KeyMaterial.of(KEY_ID, secret, spec), usage)


def rsa_secret(p: int, q: int, e: int, d: int) -> bytes:
    """PKCS#8 in DER of an RSA key of these numbers."""
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(e, p * q),
    )
    key = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

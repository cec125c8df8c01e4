"""The `openssl` command: verifies, encrypts, decrypts, derives, computes MACs and wraps keys."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

PSS = ("-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest")


@cache
def version() -> str:
    """What `openssl version` prints."""
    return _run("version").decode().strip()


@cache
def knows(kind: str) -> bool:
    """Whether this openssl has a kind of key, such as `ML-DSA-44`."""
    listed = _run("list", "-public-key-algorithms").decode()
    return kind.lower() in listed.lower()


class OpenSsl:
    """Calls with files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def verifies(self, algorithm: str, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether a signature of a KMS signing algorithm verifies under a SubjectPublicKeyInfo."""
        arguments = [
            "pkeyutl",
            "-verify",
            *("-pubin", "-keyform", "DER", "-inkey", self._file("public", public)),
            *("-in", self._file("message", message)),
            *("-sigfile", self._file("signature", signature)),
            "-rawin",
            *_signature_options(algorithm),
        ]
        return subprocess.run(["openssl", *arguments], capture_output=True).returncode == 0

    def encrypt(self, algorithm: str, public: bytes, plaintext: bytes) -> bytes:
        """RSA-OAEP with a public key."""
        return _run(
            "pkeyutl",
            "-encrypt",
            *("-pubin", "-keyform", "DER", "-inkey", self._file("public", public)),
            *("-in", self._file("plaintext", plaintext)),
            *_oaep_options(algorithm),
        )

    def decrypt(self, algorithm: str, private: bytes, ciphertext: bytes) -> bytes:
        """RSA-OAEP with a PKCS#8 private key."""
        return _run(
            "pkeyutl",
            "-decrypt",
            *("-keyform", "DER", "-inkey", self._file("private", private)),
            *("-in", self._file("ciphertext", ciphertext)),
            *_oaep_options(algorithm),
        )

    def derive(self, private: bytes, public: bytes) -> bytes:
        """ECDH between a PKCS#8 private key and a SubjectPublicKeyInfo."""
        return _run(
            "pkeyutl",
            "-derive",
            *("-keyform", "DER", "-inkey", self._file("private", private)),
            *("-peerform", "DER", "-peerkey", self._file("public", public)),
        )

    def mac(self, digest: str, secret: bytes, message: bytes) -> bytes:
        """HMAC, by `openssl mac`."""
        return _run(
            "mac",
            "-binary",
            *("-digest", digest, "-macopt", f"hexkey:{secret.hex()}"),
            *("-in", self._file("message", message), "HMAC"),
        )

    def wrapped(self, algorithm: str, public: bytes, material: bytes) -> bytes:
        """Key material as ImportKeyMaterial takes it, by the commands of the AWS guide."""
        oaep = f"RSAES_OAEP_SHA_{algorithm.rpartition('_')[2]}"
        if algorithm == oaep:
            return self.encrypt(oaep, public, material)
        key = _run("rand", "32")
        wrapped = _run(
            *("enc", "-id-aes256-wrap-pad", "-iv", "A65959A6", "-K", key.hex()),
            *("-in", self._file("material", material)),
        )
        return self.encrypt(oaep, public, key) + wrapped

    def public_of(self, private: bytes) -> bytes:
        """The SubjectPublicKeyInfo of a PKCS#8 private key."""
        file = self._file("private", private)
        return _run("pkey", "-inform", "DER", "-in", file, "-pubout", "-outform", "DER")

    def _file(self, name: str, content: bytes) -> str:
        path = self._folder / name
        path.write_bytes(content)
        return str(path)


def _signature_options(algorithm: str) -> tuple[str, ...]:
    digest = ("-digest", f"sha{algorithm[-3:]}")
    if algorithm.startswith("RSASSA_PSS"):
        return (*digest, *PSS)
    return () if algorithm.startswith(("ED25519", "ML_DSA")) else digest


def _oaep_options(algorithm: str) -> tuple[str, ...]:
    digest = f"sha{algorithm.rpartition('_')[2]}"
    return (
        *("-pkeyopt", "rsa_padding_mode:oaep"),
        *("-pkeyopt", f"rsa_oaep_md:{digest}", "-pkeyopt", f"rsa_mgf1_md:{digest}"),
    )


def _run(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout

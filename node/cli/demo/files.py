"""The story's file: made, encrypted and decrypted in chunks, never held whole in memory.

Encryption is the unmodified AWS Encryption SDK for Python with the multi-Region-aware AWS KMS
keyring of the AWS Cryptographic Material Providers Library: a message that was encrypted under a
multi-Region key in one region is decrypted under its related key in another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import aws_encryption_sdk
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import CreateAwsKmsMrkKeyringInput

from node.cli.demo.narrator import Advance

__all__ = ["FILE_BYTES", "decrypt_digest", "encrypt_file", "make_file", "mrk_keyring"]

FILE_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_FRAME_BYTES = 64 * 1024


def make_file(path: Path, advance: Advance) -> str:
    """Write a file of random bytes and give its SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(FILE_BYTES // _CHUNK_BYTES):
            chunk = os.urandom(_CHUNK_BYTES)
            digest.update(chunk)
            file.write(chunk)
            advance(len(chunk))
    return digest.hexdigest()


def mrk_keyring(client: Any, key_arn: str) -> Any:
    """A keyring for one multi-Region key, used through the client of its region."""
    providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
    request = CreateAwsKmsMrkKeyringInput(kms_key_id=key_arn, kms_client=client)
    return providers.create_aws_kms_mrk_keyring(request)


def encrypt_file(
    source: Path, target: Path, keyring: Any, context: Mapping[str, str], advance: Advance
) -> None:
    """Encrypt one file into another, chunk by chunk."""
    options = {"encryption_context": dict(context), "frame_length": _FRAME_BYTES}
    with (
        source.open("rb") as plaintext,
        target.open("wb") as ciphertext,
        _sdk().stream(mode="e", source=plaintext, keyring=keyring, **options) as encryptor,
    ):
        for chunk in _chunks(encryptor):
            ciphertext.write(chunk)
            advance(len(chunk))


def decrypt_digest(source: Path, keyring: Any, context: Mapping[str, str], advance: Advance) -> str:
    """Decrypt a file chunk by chunk and give the SHA-256 of what comes out.

    The SDK checks the encryption context and, at the end, the signature of the whole message.
    """
    digest = hashlib.sha256()
    options = {"encryption_context": dict(context)}
    with (
        source.open("rb") as ciphertext,
        _sdk().stream(mode="d", source=ciphertext, keyring=keyring, **options) as decryptor,
    ):
        for chunk in _chunks(decryptor):
            digest.update(chunk)
            advance(len(chunk))
    return digest.hexdigest()


def _sdk() -> Any:
    return aws_encryption_sdk.EncryptionSDKClient()


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk

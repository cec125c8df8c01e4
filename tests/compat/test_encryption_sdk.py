"""The AWS Encryption SDK for Python, with the keyrings of the AWS Material Providers Library.

A message that was encrypted under a multi-Region key in one region is decrypted under its related
key in another (AWS Encryption SDK Developer Guide, "Using multi-Region AWS KMS keys"). Everything
is streamed: no message is held in memory as a whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import pytest
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsKeyringInput,
    CreateAwsKmsMrkDiscoveryKeyringInput,
    CreateAwsKmsMrkKeyringInput,
    CreateMultiKeyringInput,
    DiscoveryFilter,
)
from aws_encryption_sdk import EncryptionSDKClient
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError

from tests.harness.cluster import Cluster
from tests.harness.plugin import Tell

DATA_KEY_OFFSET = 150  # from the key ID in the provider's info to the middle of the data key's blob
MEBIBYTE = 1024 * 1024
FILE_BYTES = 8 * MEBIBYTE
CONTEXT = {"purpose": "compatibility", "größe": "8 MiB"}


@dataclass(frozen=True, slots=True)
class Message:
    """A file, encrypted in `home` under a multi-Region key that all regions hold."""

    cluster: Cluster
    home: str
    key_id: str
    encrypted: Path
    digest: str

    @property
    def others(self) -> list[str]:
        return [region for region in self.cluster.names if region != self.home]

    def arn(self, region: str) -> str:
        return f"arn:aws:kms:{region}:{self.cluster.account}:key/{self.key_id}"


@pytest.fixture(scope="module")
def message(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Message:
    names = ("aws-encryption-sdk", "aws-cryptographic-material-providers")
    tell(", ".join(f"{name} {version(name)}" for name in names))
    folder = tmp_path_factory.mktemp("message")
    home, *others = cluster.names
    key_id = cluster.replicated_key(home, others)
    plain, encrypted = folder / "plain", folder / "encrypted"
    digest = hashlib.sha256()
    with plain.open("wb") as file:
        for _ in range(FILE_BYTES // MEBIBYTE):
            chunk = os.urandom(MEBIBYTE)
            digest.update(chunk)
            file.write(chunk)
    message = Message(cluster, home, key_id, encrypted, digest.hexdigest())
    encrypt(plain, encrypted, mrk_keyring(message, home))
    assert encrypted.stat().st_size > FILE_BYTES
    return message


def test_it_is_decrypted_under_the_related_key_of_every_region(message: Message) -> None:
    for region in message.cluster.names:
        assert decrypted(message.encrypted, mrk_keyring(message, region)) == message.digest


def test_a_discovery_keyring_finds_the_related_key_by_itself(message: Message) -> None:
    for region in message.others:
        assert decrypted(message.encrypted, discovery_keyring(message, region)) == message.digest


def test_a_keyring_that_knows_no_related_keys_does_not_decrypt_it_elsewhere(
    message: Message,
) -> None:
    home, other = message.home, message.others[0]
    assert decrypted(message.encrypted, plain_keyring(message, home)) == message.digest
    refused(message.encrypted, plain_keyring(message, other), "No Encrypted Data Keys found")


def test_the_keys_of_two_regions_each_open_a_message_of_both(
    message: Message, tmp_path: Path
) -> None:
    """A multi-keyring: the data key is encrypted once by each region's own key."""
    first, second = message.others
    single = message.cluster.kms(second).create_key()["KeyMetadata"]["Arn"]
    kms = message.cluster.kms(second)
    child = providers().create_aws_kms_keyring(
        CreateAwsKmsKeyringInput(kms_key_id=single, kms_client=kms)
    )
    both = providers().create_multi_keyring(
        CreateMultiKeyringInput(generator=mrk_keyring(message, first), child_keyrings=[child])
    )
    plain, encrypted = tmp_path / "plain", tmp_path / "encrypted"
    plain.write_bytes(b"for two")
    encrypt(plain, encrypted, both)
    expected = hashlib.sha256(b"for two").hexdigest()
    assert decrypted(encrypted, child) == expected
    assert decrypted(encrypted, mrk_keyring(message, message.home)) == expected


def test_another_encryption_context_does_not_open_it(message: Message) -> None:
    keyring = mrk_keyring(message, message.home)
    reason = "Encryption context does not match"
    refused(message.encrypted, keyring, reason, CONTEXT | {"purpose": "another"})


def test_an_encrypted_data_key_with_one_bit_flipped_is_refused(
    message: Message, tmp_path: Path
) -> None:
    data = bytearray(message.encrypted.read_bytes())
    data[data.index(message.key_id.encode()) + DATA_KEY_OFFSET] ^= 1
    flipped = tmp_path / "flipped"
    flipped.write_bytes(data)
    keyring = mrk_keyring(message, message.home)
    refused(flipped, keyring, "No Configured KMS Key was able to decrypt")


def providers() -> Any:
    return AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())


def mrk_keyring(message: Message, region: str) -> Any:
    kms = message.cluster.kms(region)
    request = CreateAwsKmsMrkKeyringInput(kms_key_id=message.arn(region), kms_client=kms)
    return providers().create_aws_kms_mrk_keyring(request)


def discovery_keyring(message: Message, region: str) -> Any:
    request = CreateAwsKmsMrkDiscoveryKeyringInput(
        kms_client=message.cluster.kms(region),
        region=region,
        discovery_filter=DiscoveryFilter(account_ids=[message.cluster.account], partition="aws"),
    )
    return providers().create_aws_kms_mrk_discovery_keyring(request)


def plain_keyring(message: Message, region: str) -> Any:
    kms = message.cluster.kms(region)
    request = CreateAwsKmsKeyringInput(kms_key_id=message.arn(region), kms_client=kms)
    return providers().create_aws_kms_keyring(request)


def encrypt(source: Path, target: Path, keyring: Any) -> None:
    with (
        source.open("rb") as plaintext,
        target.open("wb") as ciphertext,
        EncryptionSDKClient().stream(
            mode="e", source=plaintext, keyring=keyring, encryption_context=CONTEXT
        ) as encryptor,
    ):
        for chunk in chunks(encryptor):
            ciphertext.write(chunk)


def decrypted(source: Path, keyring: Any, context: dict[str, str] | None = None) -> str:
    """The digest of what is inside. The SDK checks the context and the message's signature."""
    digest = hashlib.sha256()
    with (
        source.open("rb") as ciphertext,
        EncryptionSDKClient().stream(
            mode="d", source=ciphertext, keyring=keyring, encryption_context=context or CONTEXT
        ) as decryptor,
    ):
        for chunk in chunks(decryptor):
            digest.update(chunk)
    return digest.hexdigest()


def refused(source: Path, keyring: Any, reason: str, context: dict[str, str] | None = None) -> None:
    """The SDK gives an error of its own for the message."""
    with pytest.raises(AWSEncryptionSDKClientError, match=reason):
        decrypted(source, keyring, context)


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(MEBIBYTE):
        yield chunk

"""What `docker compose up` gives: three regions that work together, and keep what they are told."""

from __future__ import annotations

import pytest

from tests.containers.stack import Stack

CONTEXT = {"tests": "containers"}


@pytest.mark.parametrize("home", ["us-east-1", "eu-west-1", "ap-southeast-2"])
def test_what_one_region_encrypts_the_others_decrypt(stack: Stack, home: str) -> None:
    others = [name for name in stack.names if name != home]
    key_id = stack.replicated_key(home, others)
    for origin in stack.names:
        blob = stack.kms(origin).encrypt(
            KeyId=key_id, Plaintext=origin.encode(), EncryptionContext=CONTEXT
        )["CiphertextBlob"]
        for reader in stack.names:
            opened = stack.kms(reader).decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
            assert opened["Plaintext"] == origin.encode()


def test_keys_outlive_their_containers(stack: Stack) -> None:
    key_id = stack.replicated_key("us-east-1", ["eu-west-1"])
    blob = stack.kms("us-east-1").encrypt(KeyId=key_id, Plaintext=b"kept")["CiphertextBlob"]
    stack.project.down()
    stack.project.up()
    for region in ("us-east-1", "eu-west-1"):
        assert stack.kms(region).decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
    stack.wait_until_caught_up()


def test_setup_never_replaces_a_cluster(stack: Stack) -> None:
    before = stack.project.files.cluster_file.read_bytes()
    with pytest.raises(Exception, match="exists, and is left as it is"):
        stack.project.setup()
    assert stack.project.files.cluster_file.read_bytes() == before

"""Shapes on the wire, and what they never show."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from node.wire.shapes.data_keys import GenerateDataKeyResponse
from node.wire.shapes.encryption import EncryptRequest
from node.wire.shapes.keys import CreateKeyResponse, ListKeysResponse
from node.wire.shapes.structures import KeyMetadata, MultiRegionConfiguration, Tag

SECRET = b"the plaintext of a data key"


def test_absent_members_are_left_out_and_false_ones_are_not() -> None:
    assert msgspec.json.encode(ListKeysResponse(keys=[], truncated=False)) == (
        b'{"Keys":[],"Truncated":false}'
    )


def test_names_times_and_blobs_on_the_wire() -> None:
    metadata = KeyMetadata(
        key_id="k", aws_account_id="111122223333", creation_date=1790000000.25, description=""
    )
    assert msgspec.json.encode(CreateKeyResponse(key_metadata=metadata)) == (
        b'{"KeyMetadata":{"AWSAccountId":"111122223333","KeyId":"k",'
        b'"CreationDate":1790000000.25,"Description":""}}'
    )
    assert msgspec.json.encode(GenerateDataKeyResponse(plaintext=b"\xff\xfe")) == (
        b'{"Plaintext":"//4="}'
    )


def test_a_primary_without_replicas_says_so() -> None:
    assert b'"ReplicaKeys":[]' in msgspec.json.encode(MultiRegionConfiguration(replica_keys=[]))


def test_a_blob_is_never_shown() -> None:
    request = EncryptRequest(key_id="k", plaintext=SECRET)
    assert repr(request) == f"EncryptRequest(key_id='k', plaintext=<{len(SECRET)} bytes>)"
    page = io.StringIO()
    Console(file=page).print(request, [request])
    assert "plaintext of" not in page.getvalue()
    assert "plaintext of" not in str(request)


def test_a_shape_cannot_be_changed() -> None:
    tag = Tag(tag_key="a", tag_value="b")
    with pytest.raises(AttributeError):
        tag.tag_value = "c"  # type: ignore[misc]

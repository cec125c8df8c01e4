"""The AWS SDK and the AWS Encryption SDK for JavaScript, in Node.js."""

from __future__ import annotations

import base64

import pytest
from aws_encryption_sdk import EncryptionSDKClient

from tests.compat.clients.places import Places
from tests.compat.test_encryption_sdk import Message, mrk_keyring
from tests.harness.cluster import Cluster
from tests.harness.plugin import Tell

pytestmark = pytest.mark.clients


def test_the_sdk(places: Places, cluster: Cluster, tell: Tell) -> None:
    seen = places.javascript("client_kms.mjs")
    tell(f"{seen['version']}: {len(seen['used'])} operations")
    assert seen["opened"]
    assert seen["reopened"]
    assert seen["dataKey"]
    assert seen["replica"] == ["REPLICA", cluster.names[1]]
    assert seen["created"]
    assert len(seen["signatures"]) == 5
    assert all(seen["signatures"].values())
    assert (seen["mac"], seen["random"], seen["days"]) == (32, 33, 7)
    assert seen["pages"]["largest"] == 2
    assert seen["pages"]["all"] == len(cluster.kms(cluster.names[0]).list_keys()["Keys"])
    assert {name: each["name"] for name, each in seen["refused"].items()} == {
        "absent": "NotFoundException",
        "altered": "InvalidCiphertextException",
        "pending": "KMSInvalidStateException",
        "invalid": "ValidationException",
        "dry": "DryRunOperationException",
    }
    assert all(each["isClass"] for each in seen["refused"].values())


def test_the_encryption_sdk(
    places: Places, cluster: Cluster, keys: dict[str, str], tell: Tell
) -> None:
    home, *others = cluster.names
    key_id = keys[home].rpartition("/")[2]
    message = Message(cluster, home, key_id, places.folder, "")
    python, _ = EncryptionSDKClient().encrypt(
        source=b"from Python",
        keyring=mrk_keyring(message, home),
        encryption_context={"purpose": "compatibility"},
    )
    encoded = base64.b64encode(python).decode()
    seen = places.javascript(
        "encryption_sdk.mjs", keys=keys, account=cluster.account, python=encoded
    )
    tell(seen["version"])
    assert seen["strict"] == dict.fromkeys(keys, True)
    assert seen["discovered"] == dict.fromkeys(others, True)
    assert seen["python"] == "from Python"
    for refusal in ("otherAccount", "notAware", "flipped"):
        assert isinstance(seen[refusal], str), seen  # the SDK's reason

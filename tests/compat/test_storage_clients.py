"""Objects in S3 and items in DynamoDB, encrypted on the client: written with one region's key, read
with a related key. moto serves S3 and DynamoDB; the clients are AWS's own.
"""

from __future__ import annotations

import pytest

from tests.compat.clients.places import Places
from tests.harness.plugin import Tell

pytestmark = pytest.mark.clients

TEXT = "a line that nobody may read in the store. " * 50


def test_the_s3_encryption_client(
    places: Places, keys: dict[str, str], other_key: str, tell: Tell
) -> None:
    seen = places.python("objects.py", keys=keys, other_key=other_key, text=TEXT)
    tell(seen["version"])
    assert not seen["stored_in_clear"]
    assert seen["read"] == dict.fromkeys(keys, TEXT)
    assert seen["other_context"] == seen["other_key"] == "S3EncryptionClientError"


def test_the_dynamodb_encryption_client(places: Places, keys: dict[str, str], tell: Tell) -> None:
    seen = places.python("items.py", keys=keys, text=TEXT)
    tell(seen["version"])
    assert not seen["stored_in_clear"]
    assert seen["seen"] == "signed alone"
    assert seen["read"] == dict.fromkeys(keys, True)
    assert seen["altered"] is not True

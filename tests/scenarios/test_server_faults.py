"""Faults of the server: KMSInternalException without a word; its request ID finds the log line."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from node.wire.operation_names import TARGET_PREFIX
from tests.scenarios.client import Kms
from tests.scenarios.region import RegionUnderTest

DETAIL = "no space left on /var/lib/secret-place"
UNKNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab"


class BrokenStore(Exception):
    """What a store raises that cannot do its work."""


def broken(*_: Any, **__: Any) -> Any:
    raise BrokenStore(DETAIL)


class _BrokenTransaction:
    async def __aenter__(self) -> Any:
        raise BrokenStore(DETAIL)

    async def __aexit__(self, *_: object) -> None:
        raise AssertionError("it was never entered")


BREAKING: dict[str, Callable[..., Any]] = {
    "list_keys": broken,
    "list_aliases": broken,
    "read_key": broken,
    "transaction": lambda: _BrokenTransaction(),
}
CALLS = [
    ("list_keys", "ListKeys", {}),
    ("list_aliases", "ListAliases", {}),
    ("read_key", "DescribeKey", {"KeyId": UNKNOWN}),
    ("read_key", "Encrypt", {"KeyId": UNKNOWN, "Plaintext": "AAAA"}),
    ("transaction", "CreateKey", {}),
    ("transaction", "CreateKey", {"MultiRegion": True, "Description": "a description"}),
    ("transaction", "DescribeKey", {"KeyId": "alias/aws/glue"}),
]


@pytest.mark.parametrize(("verb", "operation", "members"), CALLS)
def test_a_store_that_raises(
    region: RegionUnderTest,
    kms: Kms,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    verb: str,
    operation: str,
    members: dict[str, Any],
) -> None:
    monkeypatch.setattr(region.region.store, verb, BREAKING[verb])
    with caplog.at_level(logging.DEBUG):
        response = kms.send(TARGET_PREFIX + operation, json.dumps(members).encode())
    assert response.status == 500
    assert json.loads(response.body) == {"__type": "KMSInternalException"}
    request_id = response.headers["x-amzn-RequestId"]
    (line,) = [each for each in caplog.messages if request_id in each]
    assert operation in line
    assert "BrokenStore" in line
    assert DETAIL not in caplog.text  # what broke, not with which values
    monkeypatch.undo()
    assert kms("ListKeys", Limit=1)["Truncated"] in (True, False)


def test_key_objects_that_raise(
    region: RegionUnderTest,
    kms: Kms,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault in the middle of cryptography shows neither plaintext nor reason."""
    key_id = kms.key()
    monkeypatch.setattr("crypto.symmetric.SymmetricCipher.encrypt", broken)
    plaintext = base64.b64encode(b"attack at dawn").decode()
    body = json.dumps({"KeyId": key_id, "Plaintext": plaintext}).encode()
    response = kms.send(f"{TARGET_PREFIX}Encrypt", body)
    assert (response.status, json.loads(response.body)) == (
        500,
        {"__type": "KMSInternalException"},
    )
    assert response.headers["x-amzn-RequestId"] in caplog.text
    assert plaintext not in caplog.text
    assert "attack" not in caplog.text


def test_every_request_has_an_id_of_its_own(kms: Kms) -> None:
    bodies = (b"{}", b"{", b'{"KeyId":"x"}')
    answers = [
        kms.send(f"{TARGET_PREFIX}{name}", body)
        for name in ("ListKeys", "DescribeKey", "NoSuchOperation")
        for body in bodies
    ]
    ids = [each.headers["x-amzn-RequestId"] for each in answers]
    assert len(set(ids)) == len(ids)

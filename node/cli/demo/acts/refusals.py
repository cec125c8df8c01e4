"""What must fail, and does. Each of these would be a hole if it were answered."""

from __future__ import annotations

import http.client
import json
from typing import Any

from node.cli.demo.acts.envelope import CONTEXT
from node.cli.demo.clients import kms_client
from node.cli.demo.stage import Stage, StepFailed, expect_refusal, must

__all__ = ["another_context", "another_key", "flipped_bit", "unsigned", "wrongly_signed"]

_BAD_REQUEST = 400


def another_context(stage: Stage) -> None:
    """Decrypt with an encryption context of one changed value."""
    client = stage.clients[stage.others[0]]
    context = {**CONTEXT, "year": "2027"}
    _refused(stage, "InvalidCiphertextException", client, stage.notes.meanwhile, context)


def flipped_bit(stage: Stage) -> None:
    """Decrypt a ciphertext of which one bit, the very last, is another."""
    blob = stage.notes.meanwhile
    changed = blob[:-1] + bytes([blob[-1] ^ 1])
    client = stage.clients[stage.others[0]]
    _refused(stage, "InvalidCiphertextException", client, changed, CONTEXT)


def another_key(stage: Stage) -> None:
    """Decrypt, in another region, what a single-Region key encrypted."""
    owner, stranger = (stage.clients[region] for region in stage.others)
    key_id = owner.create_key(Description="Stays where it is")["KeyMetadata"]["KeyId"]
    blob = owner.encrypt(KeyId=key_id, Plaintext=b"local", EncryptionContext=CONTEXT)
    _refused(stage, "AccessDeniedException", stranger, blob["CiphertextBlob"], CONTEXT)


def unsigned(stage: Stage) -> None:
    """A request without any signature, over plain HTTP."""
    address = stage.cluster.regions[stage.others[0]].address
    connection = http.client.HTTPConnection(address.listen, timeout=5)
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "TrentService.ListKeys",
    }
    try:
        connection.request("POST", "/", b"{}", headers)
        response = connection.getresponse()
        code = json.loads(response.read()).get("__type", "")
    finally:
        connection.close()
    must(response.status == _BAD_REQUEST, f"it was answered with status {response.status}")
    if code != "MissingAuthenticationTokenException":
        raise StepFailed(f"it was refused with {code}")
    stage.narrator.fact("refused with", code, "yellow")


def wrongly_signed(stage: Stage) -> None:
    """A request that is signed with a secret of another make."""
    region = stage.cluster.regions[stage.others[0]]
    forger = kms_client(region, stage.cluster.administrator, secret="wrong" * 8)
    code = expect_refusal("InvalidSignatureException", forger.list_keys)
    stage.narrator.fact("refused with", code, "yellow")


def _refused(stage: Stage, code: str, client: Any, blob: bytes, context: dict[str, str]) -> None:
    answered = expect_refusal(
        code, lambda: client.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    )
    stage.narrator.fact("refused with", answered, "yellow")

"""A region killed, cut off or frozen: the others go on, and it catches up by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.containers.stack import Stack, parts
from tests.harness.cluster import eventually

LOST = "us-east-1"
OTHERS = ("eu-west-1", "ap-southeast-2")


@pytest.fixture
def shared(stack: Stack) -> Iterator[tuple[str, bytes]]:
    """A key of all regions and a ciphertext of the region that gets lost; all is level after."""
    key_id = stack.replicated_key(LOST, OTHERS)
    blob = stack.kms(LOST).encrypt(KeyId=key_id, Plaintext=b"before")["CiphertextBlob"]
    yield key_id, blob
    stack.wait_until_caught_up()


def test_killed(stack: Stack, shared: tuple[str, bytes]) -> None:
    key_id, blob = shared
    stack.kill(*parts(LOST))
    try:
        check_the_others_go_on(stack, key_id, blob)
        made_meanwhile = stack.new_key(OTHERS[0], [LOST])
    finally:
        stack.start(*parts(LOST))
    stack.wait_until_enabled(made_meanwhile, [LOST])
    assert stack.kms(LOST).decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"


def test_cut_off_from_the_backbone(stack: Stack, shared: tuple[str, bytes]) -> None:
    key_id, blob = shared
    stack.cut_off(LOST)
    try:
        wait_until_unreachable(stack)
        check_the_others_go_on(stack, key_id, blob)
        meanwhile = stack.kms(LOST).encrypt(KeyId=key_id, Plaintext=b"inside")["CiphertextBlob"]
        made_inside = stack.new_key(LOST, OTHERS)
        made_outside = stack.new_key(OTHERS[0], [LOST])
        eventually(lambda: stack.status(LOST).log.connected, "its own stream is out of its reach")
    finally:
        stack.rejoin(LOST)
    stack.wait_until_enabled(made_inside, OTHERS)
    stack.wait_until_enabled(made_outside, [LOST])
    for region in OTHERS:
        assert stack.kms(region).decrypt(CiphertextBlob=meanwhile)["Plaintext"] == b"inside"


def test_its_stream_frozen(stack: Stack, shared: tuple[str, bytes]) -> None:
    key_id, blob = shared
    _, valkey = parts(LOST)
    stack.pause(valkey)
    try:
        wait_until_unreachable(stack)
        check_the_others_go_on(stack, key_id, blob)
        assert stack.kms(LOST).decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"
        made_meanwhile = stack.new_key(LOST, OTHERS)
    finally:
        stack.resume(valkey)
    stack.wait_until_enabled(made_meanwhile, OTHERS)


def wait_until_unreachable(stack: Stack) -> None:
    """Return when the other regions say that they cannot read the lost one's log."""

    def missed() -> bool:
        states = [stack.status(region).peers[LOST].state for region in OTHERS]
        return states == ["unreachable"] * len(OTHERS)

    eventually(missed, f"the others do not miss {LOST}")


def check_the_others_go_on(stack: Stack, key_id: str, blob: bytes) -> None:
    """They open what the lost region encrypted, encrypt for each other, and make new keys."""
    for region in OTHERS:
        assert stack.kms(region).decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"
    new = stack.kms(OTHERS[0]).encrypt(KeyId=key_id, Plaintext=b"without")["CiphertextBlob"]
    assert stack.kms(OTHERS[1]).decrypt(CiphertextBlob=new)["Plaintext"] == b"without"
    stack.replicated_key(OTHERS[0], [OTHERS[1]])

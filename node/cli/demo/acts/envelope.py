"""Envelope encryption: by hand on a short text, then a large file with the AWS Encryption SDK."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.cli.demo.acts.key import ALIASES
from node.cli.demo.files import FILE_BYTES, encrypt_file, make_file, mrk_keyring
from node.cli.demo.stage import Stage, must

__all__ = ["CONTEXT", "SHOWN_DIGITS", "by_hand", "encrypt_ledger", "make_ledger"]

CONTEXT = {"purpose": "ledger", "year": "2026"}
_TEXT = b"Pay the baker 12 coins."
SHOWN_DIGITS = 32  # of a digest; all of them are compared
_NONCE_BYTES = 12  # 96 bits, as NIST SP 800-38D asks for; the data key is used once


def by_hand(stage: Stage) -> None:
    """GenerateDataKey, encrypt locally, drop the plaintext key, Decrypt the data key, decrypt."""
    client = stage.clients[stage.home]
    data_key = client.generate_data_key(
        KeyId=ALIASES[0], KeySpec="AES_256", EncryptionContext=CONTEXT
    )
    wrapped, nonce = data_key["CiphertextBlob"], os.urandom(_NONCE_BYTES)
    sealed = AESGCM(data_key.pop("Plaintext")).encrypt(nonce, _TEXT, None)
    stage.narrator.fact("data key", f"{len(wrapped)} bytes, encrypted; its plaintext was dropped")
    stage.narrator.fact("sealed text", f"{sealed.hex()[:40]}…")
    again = client.decrypt(CiphertextBlob=wrapped, EncryptionContext=CONTEXT)["Plaintext"]
    opened = AESGCM(again).decrypt(nonce, sealed, None)
    must(opened == _TEXT, "the text came back changed")
    stage.narrator.fact("opened text", opened.decode(), "green")


def make_ledger(stage: Stage) -> None:
    """A file of random bytes, and its digest."""
    with stage.narrator.progress("writing", FILE_BYTES) as advance:
        stage.notes.digest = make_file(stage.plain_file, advance)
    stage.narrator.fact("SHA-256", f"{stage.notes.digest[:SHOWN_DIGITS]}…")


def encrypt_ledger(stage: Stage) -> None:
    """Stream it through the AWS Encryption SDK, then delete the plaintext."""
    keyring = mrk_keyring(stage.clients[stage.home], stage.arn(stage.home))
    with stage.narrator.progress("encrypting", FILE_BYTES) as advance:
        encrypt_file(stage.plain_file, stage.encrypted_file, keyring, CONTEXT, advance)
    stage.plain_file.unlink()
    stage.narrator.fact("encrypted", f"{stage.encrypted_file.stat().st_size:,} bytes")
    stage.narrator.fact("plaintext file", "deleted")

"""A region is lost: its node and its Valkey are killed, and the others go on."""

from __future__ import annotations

from botocore.exceptions import EndpointConnectionError

from node.cli.demo.acts.envelope import CONTEXT, SHOWN_DIGITS
from node.cli.demo.files import FILE_BYTES, decrypt_digest, mrk_keyring
from node.cli.demo.stage import Stage, StepFailed, must

__all__ = ["MEANWHILE", "decrypt_ledger", "encrypt_meanwhile", "kill_home"]

MEANWHILE = b"Written while us-east-1 was dead."


def kill_home(stage: Stage) -> None:
    """SIGKILL both processes of the region that made the key, and see that it is gone."""
    region = stage.cluster.regions[stage.home]
    for service in (region.node, region.stream):
        pid = service.pid
        service.kill()
        stage.narrator.fact("killed", f"{service.name} (process {pid})", "red")
    try:
        stage.clients[stage.home].list_keys()
    except EndpointConnectionError:
        stage.narrator.fact(stage.home, "connection refused", "red")
    else:
        raise StepFailed(f"{stage.home} still answers")


def encrypt_meanwhile(stage: Stage) -> None:
    """Something new: encrypted in one of the regions left, decrypted in the other."""
    writer, reader = stage.others
    stage.notes.meanwhile = stage.clients[writer].encrypt(
        KeyId=stage.notes.key_id, Plaintext=MEANWHILE, EncryptionContext=CONTEXT
    )["CiphertextBlob"]
    answer = stage.clients[reader].decrypt(
        CiphertextBlob=stage.notes.meanwhile, EncryptionContext=CONTEXT
    )
    must(answer["Plaintext"] == MEANWHILE, "the text came back changed")
    stage.narrator.fact("encrypted in", writer)
    stage.narrator.fact("decrypted in", f"{reader}: {MEANWHILE.decode()}", "green")


def decrypt_ledger(stage: Stage, other: int) -> None:
    """The file, under the replica key of one of the regions left."""
    region = stage.others[other]
    keyring = mrk_keyring(stage.clients[region], stage.arn(region))
    with stage.narrator.progress("decrypting", FILE_BYTES) as advance:
        digest = decrypt_digest(stage.encrypted_file, keyring, CONTEXT, advance)
    must(digest == stage.notes.digest, f"{region} decrypts to {digest}")
    stage.narrator.fact("SHA-256", f"{digest[:SHOWN_DIGITS]}… the same", "green")

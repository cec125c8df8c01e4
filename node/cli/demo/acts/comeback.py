"""The lost region comes back with everything, and reads what was written meanwhile."""

from __future__ import annotations

from node.cli.demo.acts.envelope import CONTEXT
from node.cli.demo.acts.key import ALIASES
from node.cli.demo.acts.loss import MEANWHILE
from node.cli.demo.stage import Stage, must

__all__ = ["decrypt_meanwhile", "restart_home", "show_unchanged"]


def restart_home(stage: Stage) -> None:
    """Start both processes again and wait until every region has read every log to its end."""
    stage.cluster.start()
    stage.cluster.wait_until_caught_up()
    region = stage.cluster.regions[stage.home]
    for service in (region.node, region.stream):
        stage.narrator.fact("started", f"{service.name} (process {service.pid})", "green")


def show_unchanged(stage: Stage) -> None:
    """Its key and its alias are there as before."""
    metadata = stage.clients[stage.home].describe_key(KeyId=ALIASES[0])["KeyMetadata"]
    must(metadata["Arn"] == stage.arn(stage.home), f"{ALIASES[0]} is {metadata['Arn']}")
    must(metadata["KeyState"] == "Enabled", f"the key is {metadata['KeyState']}")
    replicas = metadata["MultiRegionConfiguration"]["ReplicaKeys"]
    must(len(replicas) == len(stage.others), f"it knows {len(replicas)} replicas")
    stage.narrator.fact(ALIASES[0], "primary key, Enabled, with 2 replicas")


def decrypt_meanwhile(stage: Stage) -> None:
    """What another region encrypted while this one was dead."""
    answer = stage.clients[stage.home].decrypt(
        CiphertextBlob=stage.notes.meanwhile, EncryptionContext=CONTEXT
    )
    must(answer["Plaintext"] == MEANWHILE, "the text came back changed")
    must(answer["KeyId"] == stage.arn(stage.home), f"it was decrypted under {answer['KeyId']}")
    stage.narrator.fact("decrypted", answer["Plaintext"].decode(), "green")

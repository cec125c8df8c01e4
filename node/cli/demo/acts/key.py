"""One key in three regions: created in one, replicated to two, an alias of its own in each."""

from __future__ import annotations

from functools import partial

from botocore.exceptions import ClientError

from node.cli.demo.stage import Stage, must
from node.cluster import eventually

__all__ = ["ALIASES", "alias_everywhere", "create_primary", "replicate", "show_arns"]

ALIASES = ("alias/ledger", "alias/ledger-europe", "alias/ledger-pacific")
"""One for each region, in the order of the story."""

_REPLICATION_SECONDS = 20.0


def create_primary(stage: Stage) -> None:
    """CreateKey with MultiRegion, and an alias for it."""
    client = stage.clients[stage.home]
    metadata = client.create_key(MultiRegion=True, Description="Seals the ledger")["KeyMetadata"]
    stage.notes.key_id = metadata["KeyId"]
    must(metadata["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY", "no primary")
    client.create_alias(AliasName=ALIASES[0], TargetKeyId=stage.notes.key_id)
    stage.narrator.fact("key ID", stage.notes.key_id, "bold")
    stage.narrator.fact("alias", ALIASES[0])


def replicate(stage: Stage) -> None:
    """ReplicateKey to both others, at once, and wait until each can use its replica."""
    client = stage.clients[stage.home]
    for region in stage.others:
        client.replicate_key(KeyId=stage.notes.key_id, ReplicaRegion=region)
    for region in stage.others:
        awaited = f"the replica in {region} is not enabled"
        eventually(partial(_enabled, stage, region), _REPLICATION_SECONDS, awaited)
        stage.narrator.fact(region, "replica key, Enabled")


def alias_everywhere(stage: Stage) -> None:
    """Aliases are a region's own: each replica gets another."""
    for index, region in enumerate(stage.others, start=1):
        stage.clients[region].create_alias(AliasName=ALIASES[index], TargetKeyId=stage.notes.key_id)
        stage.narrator.fact(region, ALIASES[index])


def show_arns(stage: Stage) -> None:
    """DescribeKey in every region, by that region's alias: three ARNs, one key ID."""
    found = set()
    for index, region in enumerate((stage.home, *stage.others)):
        metadata = stage.clients[region].describe_key(KeyId=ALIASES[index])["KeyMetadata"]
        must(metadata["Arn"] == stage.arn(region), f"{region} answers {metadata['Arn']}")
        found.add(metadata["KeyId"])
        kind = metadata["MultiRegionConfiguration"]["MultiRegionKeyType"]
        stage.narrator.fact(kind.lower(), metadata["Arn"], "cyan")
    must(len(found) == 1, f"the regions answer with {len(found)} key IDs")


def _enabled(stage: Stage, region: str) -> bool:
    """Whether the replica has arrived and left the state Creating."""
    try:
        metadata = stage.clients[region].describe_key(KeyId=stage.notes.key_id)["KeyMetadata"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return False
        raise
    return bool(metadata["KeyState"] == "Enabled")

"""Three regions in this process, and keys, ciphertexts and tokens in them for calls to name."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from node.wire.messages import WireResponse
from tests.scenarios.boto import boto3_client
from tests.scenarios.region import START, Regions

HOME, NEAR, FAR = "us-east-1", "eu-west-1", "ap-southeast-2"
TEXT = b"attack at dawn"
CONTEXT = {"tenant": "one"}
SYMMETRIC = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")


class Ground:
    """Regions of a test's own. `kms` is boto3's client of the administrator in the first."""

    def __init__(
        self,
        client: Callable[[str], Any],
        principal: str,
        settle: Callable[[], None],
        now: Callable[[], float],
        send: Callable[[str, bytes], WireResponse] | None = None,
        unheard: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`client` of a region; `principal` is the ARN of who calls; `settle` lets replication go
        on until every region has read everything; `now` is the regions' time; `send` a body that
        no client would send, where the regions are at hand; while a block in `unheard` runs, the
        second region hears nothing there, so that what waits for it goes on waiting.
        """
        self.client = client
        self.kms = client(HOME)
        self.principal = principal
        self.account = principal.split(":")[4]
        self.settle = settle
        self.now = now
        self.send = send
        self.unheard = unheard
        self._keys: dict[tuple[str, str, int], str] = {}

    def keys(self, spec: str, usage: str, number: int = 0) -> str:
        """The ID of a multi-Region key for calls that leave it as it is; another number, another
        key.
        """
        if (spec, usage, number) not in self._keys:
            made = self.new_key(KeySpec=spec, KeyUsage=usage, MultiRegion=True)
            self._keys[spec, usage, number] = made
        return self._keys[spec, usage, number]

    @cached_property
    def symmetric(self) -> str:
        """A multi-Region key that encrypts."""
        return self.keys(*SYMMETRIC)

    @cached_property
    def blob(self) -> bytes:
        """A ciphertext of TEXT in CONTEXT under `symmetric`."""
        members = {"KeyId": self.symmetric, "Plaintext": TEXT, "EncryptionContext": CONTEXT}
        blob: bytes = self.kms.encrypt(**members)["CiphertextBlob"]
        return blob

    @property
    def policy(self) -> str:
        """A key policy that lets the account do everything."""
        root = f"arn:aws:iam::{self.account}:root"
        statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})

    def alias(self, name: str, key: str) -> None:
        """Give a key an alias."""
        self.kms.create_alias(AliasName=name, TargetKeyId=key)

    def new_key(self, **members: Any) -> str:
        """A key of a call's own, to be changed."""
        return str(self.kms.create_key(**members)["KeyMetadata"]["KeyId"])

    def new_external_key(self) -> str:
        """A key that waits for material; one of any kind while there are none such."""
        try:
            return self.new_key(Origin="EXTERNAL")
        except ClientError:
            return self.new_key()

    def replicated_key(self) -> str:
        """A multi-Region key of a call's own with a replica in the second region, settled."""
        key = self.new_key(MultiRegion=True)
        self.kms.replicate_key(KeyId=key, ReplicaRegion=NEAR)
        self.settle()
        return key

    def grant(self, key: str, *operations: str, **members: Any) -> dict[str, str]:
        """The GrantId and GrantToken of a grant to the caller; empty if grants are not served."""
        wanted = {"GranteePrincipal": self.principal, "RetiringPrincipal": self.principal}
        try:
            made: dict[str, str] = self.kms.create_grant(
                KeyId=key, Operations=list(operations), **wanted, **members
            )
        except ClientError:
            return {}
        return {name: made[name] for name in ("GrantId", "GrantToken")}


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """Regions that live as long as the block, with boto3 signing at their time."""
    moment = datetime.datetime.fromtimestamp(START, datetime.UTC).replace(tzinfo=None)
    regions = Regions(folder)
    try:
        with patch("botocore.auth.get_current_datetime", lambda: moment):
            regions.start()
            home = regions[HOME].kms
            yield Ground(
                client=lambda region: boto3_client(regions[region].kms),
                principal=home.principal_arn,
                settle=regions.settle,
                now=regions.clock.now,
                send=home.send,
                unheard=partial(_unheard, regions),
            )
    finally:
        regions.close()


@contextmanager
def _unheard(regions: Regions) -> Iterator[None]:
    regions.network.away = {NEAR}
    yield
    regions.network.away = set()

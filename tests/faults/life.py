"""What clients do with a cluster: every secret that they were given, and every error."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.faults import agreement
from tests.faults.leaks import Secret, private_parts
from tests.faults.load import Ledger, new_key
from tests.harness.cluster import Cluster

CONTEXT: Final = {"purpose": "secrecy"}

MESSAGE: Final = b"a message"
USES: Final = (
    ("ECC_NIST_P256", "SIGN_VERIFY", "ECDSA_SHA_256"),
    ("RSA_2048", "SIGN_VERIFY", "RSASSA_PSS_SHA_256"),
    ("ML_DSA_44", "SIGN_VERIFY", "ML_DSA_SHAKE_256"),
    ("HMAC_256", "GENERATE_VERIFY_MAC", "HMAC_SHA_256"),
)
"""One key spec of each kind that a private key or a secret belongs to, beside the symmetric one."""

PAIRS: Final = ("RSA_2048", "ECC_NIST_P256")


class Life:
    """Clients of every region, and what they keep."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.secrets: list[Secret] = []
        self.errors: list[bytes] = []
        self.blobs: list[bytes] = []

    def live(self) -> None:
        """Keys of every kind in every region, used, rotated, refused and deleted."""
        for home in self.cluster.names:
            others = [region for region in self.cluster.names if region != home]
            related = new_key(self.cluster, Ledger(), home, others)
            self.cluster.wait_until_enabled(related, others)
            single = str(self.cluster.kms(home).create_key()["KeyMetadata"]["KeyId"])
            for key_id in (related, single):
                self._use(home, key_id)
                self.cluster.kms(home).rotate_key_on_demand(KeyId=key_id)
                self._use(home, key_id)
            for spec, usage, algorithm in USES:
                self._sign(home, others[0], spec, usage, algorithm)
            self._generate_pairs(home, related)
            self._be_refused(home, related, single)
        agreement.wait_until_level(self.cluster)

    def _use(self, region: str, key_id: str) -> None:
        kms = self.cluster.kms(region)
        plaintext = self._secret("a plaintext", os.urandom(32))
        encrypted = kms.encrypt(KeyId=key_id, Plaintext=plaintext, EncryptionContext=CONTEXT)
        self.blobs.append(encrypted["CiphertextBlob"])
        data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
        self._secret("a data key", data_key["Plaintext"])
        kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])
        kms.re_encrypt(CiphertextBlob=data_key["CiphertextBlob"], DestinationKeyId=key_id)
        kms.generate_data_key_without_plaintext(KeyId=key_id, NumberOfBytes=64)
        self._secret("random bytes", kms.generate_random(NumberOfBytes=32)["Plaintext"])

    def _sign(self, home: str, other: str, spec: str, usage: str, algorithm: str) -> None:
        """A multi-Region key of another spec, replicated to another region and used in both."""
        made = self.cluster.kms(home).create_key(MultiRegion=True, KeySpec=spec, KeyUsage=usage)
        key_id = str(made["KeyMetadata"]["KeyId"])
        self.cluster.kms(home).replicate_key(KeyId=key_id, ReplicaRegion=other)
        self.cluster.wait_until_enabled(key_id, [other])
        for kms in map(self.cluster.kms, (home, other)):
            if usage == "SIGN_VERIFY":
                kms.sign(KeyId=key_id, Message=MESSAGE, SigningAlgorithm=algorithm)
            else:
                kms.generate_mac(KeyId=key_id, Message=MESSAGE, MacAlgorithm=algorithm)

    def _generate_pairs(self, region: str, key_id: str) -> None:
        for spec in PAIRS:
            made = self.cluster.kms(region).generate_data_key_pair(KeyId=key_id, KeyPairSpec=spec)
            for part in private_parts(made["PrivateKeyPlaintext"]):
                self._secret("a part of a private data key", part)

    def _be_refused(self, region: str, related: str, single: str) -> None:
        kms, plaintext = self.cluster.kms(region), self._secret("a refused text", os.urandom(32))
        blob = kms.encrypt(KeyId=single, Plaintext=plaintext)["CiphertextBlob"]
        elsewhere = self.cluster.kms(next(n for n in self.cluster.names if n != region))
        self._refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=CONTEXT)
        self._refused(kms.decrypt, CiphertextBlob=blob[:-1])
        self._refused(kms.decrypt, CiphertextBlob=blob, KeyId=related)
        self._refused(elsewhere.decrypt, CiphertextBlob=blob)
        self._refused(kms.encrypt, KeyId="alias/none", Plaintext=plaintext)
        self._refused(kms.encrypt, KeyId=single, Plaintext=plaintext * 200)
        self._refused(kms.encrypt, KeyId=single, Plaintext=plaintext, GrantTokens=["none"])
        self._refused(kms.replicate_key, KeyId=single, ReplicaRegion=elsewhere.meta.region_name)
        self._refused(self._stranger(region).encrypt, KeyId=single, Plaintext=plaintext)
        kms.disable_key(KeyId=single)
        self._refused(kms.encrypt, KeyId=single, Plaintext=plaintext)
        kms.schedule_key_deletion(KeyId=single, PendingWindowInDays=7)
        self._refused(kms.decrypt, CiphertextBlob=blob)

    def _refused(self, call: Callable[..., Any], **arguments: Any) -> None:
        with pytest.raises(ClientError) as refused:
            call(**arguments)
        self.errors.append(f"{refused.value} {refused.value.response}".encode())

    def _stranger(self, region: str) -> Any:
        """A client that knows the access key's ID and not its secret."""
        return boto3.client(
            "kms",
            region_name=region,
            endpoint_url=self.cluster.endpoint(region),
            aws_access_key_id=self.cluster.local.administrator.access_key_id,
            aws_secret_access_key="not the secret",
        )

    def _secret(self, name: str, value: bytes) -> bytes:
        self.secrets.append(Secret(name, value))
        return value

"""amazon-s3-encryption-client-python: written with one region's key, read with another's.

Standard input: {"keys": {region: ARN}, "endpoints": {region: URL}, "text": …}. moto serves S3.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import boto3
from moto.server import ThreadedMotoServer
from s3_encryption import S3EncryptionClient, S3EncryptionClientConfig
from s3_encryption.exceptions import S3EncryptionClientError
from s3_encryption.materials.kms_keyring import KmsKeyring

PACKAGE = "amazon-s3-encryption-client-python"

given = json.load(sys.stdin)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
store = {"region_name": "us-east-1", "endpoint_url": f"http://{host}:{port}"}
boto3.client("s3", **store).create_bucket(Bucket="bucket")


def encrypting(region: str, key: str) -> S3EncryptionClient:
    kms = boto3.client("kms", region_name=region, endpoint_url=given["endpoints"][region])
    config = S3EncryptionClientConfig(keyring=KmsKeyring(kms_client=kms, kms_key_id=key))
    return S3EncryptionClient(boto3.client("s3", **store), config)


home, *others = given["keys"]
context = {"EncryptionContext": {"purpose": "compatibility"}}
writer = encrypting(home, given["keys"][home])
writer.put_object(Bucket="bucket", Key="object", Body=given["text"].encode(), **context)
stored = boto3.client("s3", **store).get_object(Bucket="bucket", Key="object")["Body"].read()


def read(region: str, key: str, **members: object) -> str:
    try:
        found = encrypting(region, key).get_object(Bucket="bucket", Key="object", **members)
        return found["Body"].read().decode()
    except S3EncryptionClientError as error:
        return f"{type(error).__name__}"


told = {
    "version": f"{PACKAGE} {version(PACKAGE)}",
    "stored_in_clear": given["text"].encode() in stored,
    "read": {region: read(region, key, **context) for region, key in given["keys"].items()},
    "other_context": read(home, given["keys"][home], EncryptionContext={"purpose": "another"}),
    "other_key": read(home, given["other_key"], **context),
}
server.stop()
sys.stdout.write("\n" + json.dumps(told) + "\n")

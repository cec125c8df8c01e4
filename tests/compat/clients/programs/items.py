"""dynamodb-encryption-sdk: items are written with one region's key, read with another's.

Standard input: {"keys": {region: ARN}, "endpoints": {region: URL}}. moto serves DynamoDB.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import boto3
from dynamodb_encryption_sdk.encrypted.table import EncryptedTable
from dynamodb_encryption_sdk.exceptions import DynamodbEncryptionSdkError
from dynamodb_encryption_sdk.identifiers import CryptoAction
from dynamodb_encryption_sdk.material_providers.aws_kms import AwsKmsCryptographicMaterialsProvider
from dynamodb_encryption_sdk.structures import AttributeActions
from moto.server import ThreadedMotoServer

given = json.load(sys.stdin)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
resource = boto3.resource("dynamodb", "us-east-1", endpoint_url=f"http://{host}:{port}")
name = {"AttributeName": "name"}
table = resource.create_table(
    TableName="table",
    KeySchema=[{**name, "KeyType": "HASH"}],
    AttributeDefinitions=[{**name, "AttributeType": "S"}],
    BillingMode="PAY_PER_REQUEST",
)
regional = {
    region: boto3.client("kms", region, endpoint_url=url)
    for region, url in given["endpoints"].items()
}


def encrypting(key: str) -> EncryptedTable:
    provider = AwsKmsCryptographicMaterialsProvider(key_id=key, regional_clients=dict(regional))
    actions = AttributeActions(attribute_actions={"seen": CryptoAction.SIGN_ONLY})
    return EncryptedTable(table=table, materials_provider=provider, attribute_actions=actions)


item = {"name": "item", "secret": given["text"], "seen": "signed alone"}
home, *others = given["keys"]
encrypting(given["keys"][home]).put_item(Item=item)
stored = table.get_item(Key={"name": "item"})["Item"]


def read(key: str) -> object:
    try:
        return encrypting(key).get_item(Key={"name": "item"})["Item"] == item
    except DynamodbEncryptionSdkError as error:
        return type(error).__name__


told = {
    "version": f"dynamodb-encryption-sdk {version('dynamodb-encryption-sdk')}",
    "stored_in_clear": given["text"] in str(stored),
    "seen": stored["seen"],
    "read": {region: read(key) for region, key in given["keys"].items()},
}
table.update_item(
    Key={"name": "item"},
    UpdateExpression="SET seen = :other",
    ExpressionAttributeValues={":other": "altered"},
)
told["altered"] = read(given["keys"][home])
server.stop()
sys.stdout.write("\n" + json.dumps(told) + "\n")

"""boto3, unmodified, as the client: every operation served, every way to be refused."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from typing import Any

import boto3
import botocore.exceptions
import msgspec
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from node.model import errors
from node.wire.server import WireServer
from node.wire.shapes.aliases import AliasListEntry, ListAliasesResponse
from node.wire.shapes.custom_key_stores import (
    ConnectCustomKeyStoreResponse,
    CreateCustomKeyStoreResponse,
    CustomKeyStoresListEntry,
    DeleteCustomKeyStoreResponse,
    DescribeCustomKeyStoresResponse,
    DisconnectCustomKeyStoreResponse,
    UpdateCustomKeyStoreResponse,
    XksProxyConfigurationType,
)
from node.wire.shapes.data_key_pairs import (
    GenerateDataKeyPairResponse,
    GenerateDataKeyPairWithoutPlaintextResponse,
)
from node.wire.shapes.data_keys import (
    GenerateDataKeyResponse,
    GenerateDataKeyWithoutPlaintextResponse,
    GenerateRandomResponse,
)
from node.wire.shapes.deletion import CancelKeyDeletionResponse, ScheduleKeyDeletionResponse
from node.wire.shapes.encryption import DecryptResponse, EncryptResponse, ReEncryptResponse
from node.wire.shapes.grants import (
    CreateGrantResponse,
    GrantConstraints,
    GrantListEntry,
    ListGrantsResponse,
)
from node.wire.shapes.imports import (
    DeleteImportedKeyMaterialResponse,
    GetParametersForImportResponse,
    ImportKeyMaterialResponse,
)
from node.wire.shapes.keys import (
    CreateKeyResponse,
    DescribeKeyResponse,
    KeyListEntry,
    ListKeysResponse,
)
from node.wire.shapes.last_usage import GetKeyLastUsageResponse, KeyLastUsageData
from node.wire.shapes.macs import GenerateMacResponse, VerifyMacResponse
from node.wire.shapes.policies import GetKeyPolicyResponse, ListKeyPoliciesResponse
from node.wire.shapes.public_keys import GetPublicKeyResponse
from node.wire.shapes.replicas import ReplicateKeyResponse
from node.wire.shapes.rotation import (
    GetKeyRotationStatusResponse,
    ListKeyRotationsResponse,
    RotateKeyOnDemandResponse,
    RotationsListEntry,
)
from node.wire.shapes.shared_secrets import (
    DecapsulateResponse,
    DeriveSharedSecretResponse,
    EncapsulateResponse,
)
from node.wire.shapes.signing import SignResponse, VerifyResponse
from node.wire.shapes.structures import (
    KeyMetadata,
    MultiRegionConfiguration,
    MultiRegionKey,
    Tag,
)
from node.wire.shapes.tags import ListResourceTagsResponse
from tests.unit.wire.test_model import OURS
from tests.wire.conftest import StartServer
from tests.wire.model import SERVED, input_shape
from tests.wire.support import CREDENTIAL, KEY_ARN, REGION, RETIRED, Recorder, protocol

MOMENT = datetime.datetime(2026, 9, 21, 14, 13, 20, 250000, datetime.UTC)
SECONDS = MOMENT.timestamp()
MATERIAL_ID = "0123456789abcdef" * 4
TAGS = [{"TagKey": "team", "TagValue": "café"}]
CONTEXT = {"tenant": "café", "": "empty"}
METADATA = KeyMetadata(
    aws_account_id="111122223333",
    key_id="mrk-1234abcd12ab34cd56ef1234567890ab",
    arn=KEY_ARN,
    creation_date=SECONDS,
    enabled=True,
    description="",
    key_state="Enabled",
    multi_region=True,
    multi_region_configuration=MultiRegionConfiguration(
        multi_region_key_type="PRIMARY",
        primary_key=MultiRegionKey(arn=KEY_ARN, region=REGION),
        replica_keys=[],
    ),
)

ROLE_ARN = "arn:aws:iam::111122223333:role/app"
GRANTS = ListGrantsResponse(
    grants=[
        GrantListEntry(
            key_id=KEY_ARN,
            grant_id=MATERIAL_ID,
            name="",
            creation_date=SECONDS,
            grantee_principal=ROLE_ARN,
            issuing_account="arn:aws:iam::111122223333:root",
            operations=["Decrypt"],
            constraints=GrantConstraints(encryption_context_equals=CONTEXT),
        )
    ],
    truncated=False,
)

Exchange = tuple[dict[str, Any], msgspec.Struct | None]

STORE_ID = "cks-1234567890abcdef0"
STORE = {"CustomKeyStoreId": STORE_ID}
PROXY_URI = "https://xks.example.test"

EXCHANGES: dict[str, Exchange] = {
    "ConnectCustomKeyStore": (STORE, ConnectCustomKeyStoreResponse()),
    "CreateCustomKeyStore": (
        {
            "CustomKeyStoreName": "mine",
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyUriEndpoint": PROXY_URI,
            "XksProxyUriPath": "/kms/xks/v1",
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": "A" * 20,
                "RawSecretAccessKey": "s" * 43,
            },
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        },
        CreateCustomKeyStoreResponse(custom_key_store_id=STORE_ID),
    ),
    "DeleteCustomKeyStore": (STORE, DeleteCustomKeyStoreResponse()),
    "DescribeCustomKeyStores": (
        {"CustomKeyStoreName": "mine", "Limit": 1, "Marker": "m"},
        DescribeCustomKeyStoresResponse(
            custom_key_stores=[
                CustomKeyStoresListEntry(
                    custom_key_store_id=STORE_ID,
                    connection_state="FAILED",
                    connection_error_code="XKS_PROXY_NOT_REACHABLE",
                    creation_date=SECONDS,
                    xks_proxy_configuration=XksProxyConfigurationType(uri_endpoint=PROXY_URI),
                )
            ],
            truncated=False,
        ),
    ),
    "DisconnectCustomKeyStore": (STORE, DisconnectCustomKeyStoreResponse()),
    "UpdateCustomKeyStore": (
        {**STORE, "NewCustomKeyStoreName": "ours", "KeyStorePassword": "password"},
        UpdateCustomKeyStoreResponse(),
    ),
    "DeleteImportedKeyMaterial": (
        {"KeyId": "k", "KeyMaterialId": MATERIAL_ID},
        DeleteImportedKeyMaterialResponse(key_id=KEY_ARN, key_material_id=MATERIAL_ID),
    ),
    "GetParametersForImport": (
        {
            "KeyId": "k",
            "WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256",
            "WrappingKeySpec": "RSA_4096",
        },
        GetParametersForImportResponse(
            key_id=KEY_ARN,
            import_token=b"t" * 6144,
            public_key=b"p" * 4096,
            parameters_valid_to=SECONDS,
        ),
    ),
    "ImportKeyMaterial": (
        {
            "KeyId": "k",
            "ImportToken": b"t" * 6144,
            "EncryptedKeyMaterial": b"m" * 6144,
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": MOMENT,
            "ImportType": "EXISTING_KEY_MATERIAL",
            "KeyMaterialDescription": "from the safe",
            "KeyMaterialId": MATERIAL_ID,
        },
        ImportKeyMaterialResponse(key_id=KEY_ARN, key_material_id=MATERIAL_ID),
    ),
    "CancelKeyDeletion": ({"KeyId": "k"}, CancelKeyDeletionResponse(key_id=KEY_ARN)),
    "CreateAlias": ({"AliasName": "alias/a", "TargetKeyId": "k"}, None),
    "CreateGrant": (
        {
            "KeyId": "k",
            "GranteePrincipal": ROLE_ARN,
            "Operations": ["Decrypt", "DescribeKey"],
            "Constraints": {"EncryptionContextSubset": CONTEXT},
        },
        CreateGrantResponse(grant_token="t" * 8192, grant_id=MATERIAL_ID),
    ),
    "CreateKey": (
        {"Description": "café", "MultiRegion": True, "Tags": TAGS},
        CreateKeyResponse(key_metadata=METADATA),
    ),
    "Decapsulate": (
        {"KeyId": "k", "EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": b"e"},
        DecapsulateResponse(
            key_id=KEY_ARN, shared_secret=b"s" * 32, encapsulation_algorithm="ML_KEM"
        ),
    ),
    "Decrypt": (
        {"CiphertextBlob": bytes(range(256)), "EncryptionContext": CONTEXT},
        DecryptResponse(key_id=KEY_ARN, plaintext=b"\x00\xff", key_material_id=MATERIAL_ID),
    ),
    "DeleteAlias": ({"AliasName": "alias/a"}, None),
    "DeriveSharedSecret": (
        {"KeyId": "k", "KeyAgreementAlgorithm": "ECDH", "PublicKey": b"p" * 8192},
        DeriveSharedSecretResponse(key_id=KEY_ARN, shared_secret=b"s", key_origin="AWS_KMS"),
    ),
    "DescribeKey": ({"KeyId": "alias/a"}, DescribeKeyResponse(key_metadata=METADATA)),
    "DisableKey": ({"KeyId": "k"}, None),
    "DisableKeyRotation": ({"KeyId": "k"}, None),
    "EnableKey": ({"KeyId": "k"}, None),
    "EnableKeyRotation": ({"KeyId": "k", "RotationPeriodInDays": 2560}, None),
    "Encapsulate": (
        {"KeyId": "k", "EncapsulationAlgorithm": "ML_KEM"},
        EncapsulateResponse(key_id=KEY_ARN, shared_secret=b"s", shared_secret_ciphertext_blob=b"e"),
    ),
    "Encrypt": (
        {"KeyId": "k", "Plaintext": b"\x00text", "EncryptionContext": CONTEXT, "DryRun": False},
        EncryptResponse(key_id=KEY_ARN, ciphertext_blob=b"\x01" * 6144),
    ),
    "GenerateDataKey": (
        {"KeyId": "k", "KeySpec": "AES_256", "GrantTokens": ["t" * 8192]},
        GenerateDataKeyResponse(key_id=KEY_ARN, plaintext=b"p" * 32, ciphertext_blob=b"c" * 200),
    ),
    "GenerateDataKeyPair": (
        {"KeyId": "k", "KeyPairSpec": "RSA_2048", "EncryptionContext": CONTEXT},
        GenerateDataKeyPairResponse(
            key_id=KEY_ARN, private_key_plaintext=b"private", public_key=b"public"
        ),
    ),
    "GenerateDataKeyPairWithoutPlaintext": (
        {"KeyId": "k", "KeyPairSpec": "ML_KEM_768", "DryRun": True},
        GenerateDataKeyPairWithoutPlaintextResponse(
            key_id=KEY_ARN, private_key_ciphertext_blob=b"c", key_material_id=MATERIAL_ID
        ),
    ),
    "GenerateDataKeyWithoutPlaintext": (
        {"KeyId": "k", "NumberOfBytes": 1024},
        GenerateDataKeyWithoutPlaintextResponse(key_id=KEY_ARN, ciphertext_blob=b"c"),
    ),
    "GenerateMac": (
        {"KeyId": "k", "Message": b"m" * 4096, "MacAlgorithm": "HMAC_SHA_384"},
        GenerateMacResponse(key_id=KEY_ARN, mac=b"\x00" * 48, mac_algorithm="HMAC_SHA_384"),
    ),
    "GenerateRandom": ({"NumberOfBytes": 3}, GenerateRandomResponse(plaintext=b"abc")),
    "GetKeyLastUsage": (
        {"KeyId": "k"},
        GetKeyLastUsageResponse(
            key_id="k",
            key_last_usage=KeyLastUsageData(operation="Sign", timestamp=SECONDS),
            tracking_start_date=SECONDS,
        ),
    ),
    "GetKeyPolicy": ({"KeyId": "k"}, GetKeyPolicyResponse(policy="{}", policy_name="default")),
    "GetKeyRotationStatus": (
        {"KeyId": "k"},
        GetKeyRotationStatusResponse(
            key_id="k", key_rotation_enabled=False, next_rotation_date=SECONDS
        ),
    ),
    "GetPublicKey": (
        {"KeyId": "k"},
        GetPublicKeyResponse(key_id=KEY_ARN, public_key=b"p", encapsulation_algorithms=["ML_KEM"]),
    ),
    "ListAliases": (
        {"KeyId": "k", "Limit": 10},
        ListAliasesResponse(
            aliases=[AliasListEntry(alias_name="alias/a", last_updated_date=SECONDS)],
            truncated=True,
            next_marker="next",
        ),
    ),
    "ListGrants": ({"KeyId": "k", "GranteePrincipal": ROLE_ARN}, GRANTS),
    "ListKeyPolicies": (
        {"KeyId": "k", "Limit": 1},
        ListKeyPoliciesResponse(policy_names=["default"], truncated=False),
    ),
    "ListKeyRotations": (
        {"KeyId": "k", "IncludeKeyMaterial": "ALL_KEY_MATERIAL"},
        ListKeyRotationsResponse(
            rotations=[RotationsListEntry(key_material_id=MATERIAL_ID, rotation_date=SECONDS)],
            truncated=False,
        ),
    ),
    "ListKeys": (
        {"Limit": 1000, "Marker": "m", "ResourceOwners": ["SELF"]},
        ListKeysResponse(keys=[KeyListEntry(key_id="k", key_arn=KEY_ARN)], truncated=False),
    ),
    "ListResourceTags": (
        {"KeyId": "k"},
        ListResourceTagsResponse(tags=[Tag(tag_key="team", tag_value="")], truncated=False),
    ),
    "ListRetirableGrants": ({"RetiringPrincipal": ROLE_ARN}, GRANTS),
    "PutKeyPolicy": (
        {"KeyId": "k", "Policy": "{}", "BypassPolicyLockoutSafetyCheck": False},
        None,
    ),
    "RetireGrant": ({"GrantToken": "t"}, None),
    "RevokeGrant": ({"KeyId": "k", "GrantId": MATERIAL_ID, "DryRun": True}, None),
    "ReEncrypt": (
        {"CiphertextBlob": b"c", "DestinationKeyId": "k", "SourceEncryptionContext": CONTEXT},
        ReEncryptResponse(ciphertext_blob=b"d", source_key_id=KEY_ARN, key_id=KEY_ARN),
    ),
    "ReplicateKey": (
        {"KeyId": "k", "ReplicaRegion": "eu-west-1", "Tags": TAGS},
        ReplicateKeyResponse(
            replica_key_metadata=METADATA,
            replica_policy="{}",
            replica_tags=[Tag(tag_key="team", tag_value="a")],
        ),
    ),
    "RotateKeyOnDemand": ({"KeyId": "k"}, RotateKeyOnDemandResponse(key_id=KEY_ARN)),
    "ScheduleKeyDeletion": (
        {"KeyId": "k", "PendingWindowInDays": 7},
        ScheduleKeyDeletionResponse(
            key_id=KEY_ARN, deletion_date=SECONDS, key_state="PendingDeletion"
        ),
    ),
    "Sign": (
        {
            "KeyId": "k",
            "Message": b"\xff" * 64,
            "MessageType": "EXTERNAL_MU",
            "SigningAlgorithm": "ML_DSA_SHAKE_256",
        },
        SignResponse(key_id=KEY_ARN, signature=b"s" * 4627, signing_algorithm="ML_DSA_SHAKE_256"),
    ),
    "TagResource": ({"KeyId": "k", "Tags": TAGS}, None),
    "UntagResource": ({"KeyId": "k", "TagKeys": ["team", "owner"]}, None),
    "UpdateAlias": ({"AliasName": "alias/a", "TargetKeyId": "k"}, None),
    "UpdateKeyDescription": ({"KeyId": "k", "Description": ""}, None),
    "UpdatePrimaryRegion": ({"KeyId": "k", "PrimaryRegion": "eu-west-1"}, None),
    "Verify": (
        {
            "KeyId": "k",
            "Message": b"m",
            "Signature": b"s" * 6144,
            "SigningAlgorithm": "ED25519_SHA_512",
        },
        VerifyResponse(key_id=KEY_ARN, signature_valid=True, signing_algorithm="ED25519_SHA_512"),
    ),
    "VerifyMac": (
        {"KeyId": "k", "Message": b"m", "Mac": b"t", "MacAlgorithm": "HMAC_SHA_224"},
        VerifyMacResponse(key_id=KEY_ARN, mac_valid=True, mac_algorithm="HMAC_SHA_224"),
    ),
}

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def server(start_server: StartServer, recorder: Recorder) -> WireServer:
    operations = [recorder.operation(name, OURS[input_shape(name).name]) for name in SERVED]
    return await start_server(protocol(*operations))


@pytest.fixture
def ask(server: WireServer) -> Ask:
    """Calls an operation with a fresh boto3 client in a thread."""

    async def call(operation: str, parameters: dict[str, Any], **client: Any) -> dict[str, Any]:
        settings = {
            "region_name": REGION,
            "endpoint_url": f"http://127.0.0.1:{server.port}",
            "aws_access_key_id": CREDENTIAL.access_key_id,
            "aws_secret_access_key": CREDENTIAL.secret,
            "config": Config(retries={"total_max_attempts": 1}),
            **client,
        }
        kms = boto3.client("kms", **settings)
        method = getattr(kms, botocore.xform_name(operation))
        response: dict[str, Any] = await asyncio.to_thread(method, **parameters)
        return response

    return call


def of_wire(shape: msgspec.Struct) -> Any:
    """What a caller of boto3 gets for `shape`: blobs as bytes, times as datetime."""

    def converted(value: Any) -> Any:
        if isinstance(value, msgspec.Struct):
            fields = ((each, getattr(value, each.name)) for each in msgspec.structs.fields(value))
            return {
                field.encode_name: MOMENT if member == SECONDS else converted(member)
                for field, member in fields
                if member is not None
            }
        return [converted(each) for each in value] if isinstance(value, list) else value

    return converted(shape)


def test_there_is_an_exchange_for_every_operation() -> None:
    assert set(EXCHANGES) == set(SERVED)


@pytest.mark.parametrize("operation", EXCHANGES)
async def test_boto3_is_understood_and_understands(
    operation: str, ask: Ask, recorder: Recorder
) -> None:
    parameters, recorder.output = EXCHANGES[operation]
    response = await ask(operation, parameters)
    metadata = response.pop("ResponseMetadata")
    assert metadata["RequestId"] == "request-1"
    assert metadata["HTTPStatusCode"] == 200
    assert response == ({} if recorder.output is None else of_wire(recorder.output))
    [(call, request)] = recorder.calls
    assert of_wire(request) == parameters
    assert call.source_address == "127.0.0.1"
    assert "Boto3" in call.user_agent


async def refused(answer: Awaitable[dict[str, Any]]) -> tuple[str, str]:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        await answer
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["RequestId"] == "request-1"
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (errors.NotFound("Alias a is not found."), "NotFoundException", "Alias a is not found."),
        (errors.InvalidCiphertext(), "InvalidCiphertextException", ""),
        (errors.Internal(), "KMSInternalException", ""),
        (errors.AccessDenied("User: a is not …"), "AccessDeniedException", "User: a is not …"),
    ],
)
async def test_errors_arrive_as_boto3_knows_them(
    ask: Ask, recorder: Recorder, failure: errors.KmsError, code: str, message: str
) -> None:
    recorder.failure = failure
    assert await refused(ask("Decrypt", {"CiphertextBlob": b"c"})) == (code, message)


REFUSED_CALLERS: dict[str, tuple[dict[str, Any], str]] = {
    "unsigned": (
        {"config": Config(signature_version=UNSIGNED)},
        "MissingAuthenticationTokenException",
    ),
    "with another secret": ({"aws_secret_access_key": "wrong"}, "InvalidSignatureException"),
    "with an unknown access key": ({"aws_access_key_id": "AKIDX"}, "UnrecognizedClientException"),
    "with a retired access key": (
        {
            "aws_access_key_id": RETIRED.access_key_id,
            "aws_secret_access_key": RETIRED.secret,
        },
        "UnrecognizedClientException",
    ),
    "with a session": ({"aws_session_token": "FwoGZXIvYXdzE"}, "UnrecognizedClientException"),
    "for another region": ({"region_name": "eu-west-1"}, "InvalidSignatureException"),
}


@pytest.mark.parametrize("name", REFUSED_CALLERS)
async def test_a_caller_is_refused(name: str, ask: Ask, recorder: Recorder) -> None:
    client, code = REFUSED_CALLERS[name]
    assert (await refused(ask("ListKeys", {}, **client)))[0] == code
    assert recorder.calls == []


async def test_what_boto3_would_not_send_is_refused_by_us_too(ask: Ask) -> None:
    unchecked = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    assert await refused(ask("GenerateRandom", {"NumberOfBytes": 0}, config=unchecked)) == (
        "ValidationException",
        "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    )

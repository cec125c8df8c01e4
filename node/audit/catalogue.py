"""What CloudTrail says of each operation: its event source, whether it only reads, and which
members of its response a record shows.

What is not in the tables shows nothing of its response (fail closed) and counts as a change unless
its name begins like a question. Cryptographic operations only read, in CloudTrail's words.

Source: KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail", the example events.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

import msgspec

from node.wire.operation_names import OPERATION_NAMES, TARGET_PREFIX
from node.wire.shapes.types import KeyLastUsageTrackingOperation

KMS_SOURCE: Final = "kms.amazonaws.com"
KEYSPAN_SOURCE: Final = "keyspan"
CLOUDTRAIL_SOURCE: Final = "cloudtrail.amazonaws.com"
IAM_SOURCE: Final = "iam.amazonaws.com"
STS_SOURCE: Final = "sts.amazonaws.com"
EVENT_NAME_MOST: Final = 128

_SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        TARGET_PREFIX: KMS_SOURCE,
        "Keyspan.": KEYSPAN_SOURCE,
        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.": CLOUDTRAIL_SOURCE,
        "iam.": IAM_SOURCE,
        "sts.": STS_SOURCE,
    }
)
_QUESTIONS: Final = ("Describe", "Explain", "Get", "List", "Lookup", "Simulate")

USES: Final = frozenset(get_args(KeyLastUsageTrackingOperation))
"""The operations that count as a use of their key (GetKeyLastUsage)."""

_READS_BESIDE: Final = USES | {"AssumeRole", "GenerateRandom"}
_KEY_ID: Final = ("keyId",)
_RESPONSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CancelKeyDeletion": _KEY_ID,
        "CreateCustomKeyStore": ("customKeyStoreId",),
        "CreateGrant": ("grantId",),
        "CreateKey": ("keyMetadata",),
        "DeleteImportedKeyMaterial": ("keyId", "keyMaterialId"),
        "ImportKeyMaterial": ("keyId", "keyMaterialId"),
        "ReplicateKey": ("replicaKeyMetadata", "replicaPolicy", "replicaTags"),
        "RotateKeyOnDemand": _KEY_ID,
        "ScheduleKeyDeletion": ("keyId", "deletionDate", "keyState", "pendingWindowInDays"),
    }
)
_OF_IAM: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CreateAccessKey": ("accessKey",),
        "CreateGroup": ("group",),
        "CreatePolicy": ("policy",),
        "CreatePolicyVersion": ("policyVersion",),
        "CreateRole": ("role",),
        "CreateUser": ("user",),
    }
)
"""Of IAM's responses; secrets are never shown (parameters.LEFT_OUT).

Source: IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail", example events."""

_RESPONSES_OF_STS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "AssumeRole": ("assumedRoleUser", "credentials", "packedPolicySize", "sourceIdentity"),
        "GetSessionToken": ("credentials",),
    }
)
"""Of credentials, the key's ID and expiry alone are shown (parameters.LEFT_OUT)."""

_ANSWERED_BY_KEY: Final = frozenset(
    {
        "CreateAlias",
        "CreateGrant",
        "DeleteAlias",
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "PutKeyPolicy",
        "RetireGrant",
        "RevokeGrant",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
        "UpdatePrimaryRegion",
    }
)
"""Changes whose responses do not name the key; their records do all the same (since 2022)."""

_IN_TWO_REGIONS: Final = frozenset({"ReplicateKey", "UpdatePrimaryRegion"})

_REQUESTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        KEYSPAN_SOURCE: frozenset(
            {
                "access_key_id",
                "account",
                "after",
                "dry_run",
                "from_region",
                "key_id",
                "key_ids",
                "region",
                "seconds",
            }
        ),
        IAM_SOURCE: frozenset(
            {
                "accessKeyId",
                "assumeRolePolicyDocument",
                "description",
                "groupName",
                "marker",
                "maxItems",
                "maxSessionDuration",
                "entityFilter",
                "newGroupName",
                "newPath",
                "newUserName",
                "onlyAttached",
                "path",
                "pathPrefix",
                "policyArn",
                "policyDocument",
                "policyName",
                "permissionsBoundary",
                "policyUsageFilter",
                "roleName",
                "scope",
                "setAsDefault",
                "status",
                "tagKeys",
                "tags",
                "userName",
                "versionId",
            }
        ),
        STS_SOURCE: frozenset(
            {
                "durationSeconds",
                "externalId",
                "policy",
                "policyArns",
                "roleArn",
                "roleSessionName",
                "serialNumber",
                "sourceIdentity",
                "tags",
                "transitiveTagKeys",
            }
        ),
    }
)
"""Members of requests whose shapes are not of a model that says which are secret: only these are
shown. Of KMS and CloudTrail, all are shown that parameters.py does not leave out."""

_SYMMETRIC: Final = {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
_DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Decrypt": _SYMMETRIC,
        "Encrypt": _SYMMETRIC,
        "ReEncrypt": {
            "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        },
    }
)


_SHOWN: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {KMS_SOURCE: _RESPONSES, IAM_SOURCE: _OF_IAM, STS_SOURCE: _RESPONSES_OF_STS}
)
_NOT_OF_KMS: Final = frozenset({IAM_SOURCE, STS_SOURCE})


class Event(msgspec.Struct, frozen=True):
    """What is the same in every record of one operation."""

    source: str
    name: str
    read_only: bool
    request: frozenset[str] | None = None  # members of the request that are shown; None for all
    response: tuple[str, ...] = ()  # members of the response that are shown
    answers_key: bool = False  # the record's response is the key's ARN
    is_use: bool = False
    in_two_regions: bool = False  # another region records a second event of it
    defaults: Mapping[str, str] = MappingProxyType({})
    plain: bool = False  # of a success, the record shows nothing of the response but materials


def event_of(target: str) -> Event:
    """The event of an operation, by its target; of an unknown one too."""
    source, name = _source(target)
    known = source == KMS_SOURCE and name in OPERATION_NAMES
    response = _SHOWN[source].get(name, ()) if known or source in _NOT_OF_KMS else ()
    answers_key = known and name in _ANSWERED_BY_KEY
    in_two_regions = known and name in _IN_TWO_REGIONS
    return Event(
        source=source,
        name=name[:EVENT_NAME_MOST] or "Unknown",
        read_only=name.startswith(_QUESTIONS) or name in _READS_BESIDE,
        request=_REQUESTS.get(source),
        response=response,
        answers_key=answers_key,
        is_use=known and name in USES,
        in_two_regions=in_two_regions,
        defaults=_DEFAULTS.get(name, MappingProxyType({})) if known else MappingProxyType({}),
        plain=not (response or answers_key or in_two_regions),
    )


def _source(target: str) -> tuple[str, str]:
    for prefix, source in _SOURCES.items():
        if target.startswith(prefix):
            return source, target.removeprefix(prefix)
    return KMS_SOURCE, target

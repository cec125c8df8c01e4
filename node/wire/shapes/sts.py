"""AssumeRole, GetCallerIdentity, GetSessionToken.

Not shapes of the KMS model; a test holds them against botocore's model of STS.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from node.wire.shapes import types
from node.wire.shapes.base import ModelShape

SERVICE: Final = "sts"

_ANY_TEXT: Final = (
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
)
Arn = Annotated[str, types.length(20, 2048), types.matching(_ANY_TEXT)]
RoleSessionName = Annotated[str, types.length(2, 64), types.matching(r"[\w+=,.@-]*")]
SourceIdentity = Annotated[str, types.length(2, 64), types.matching(r"[\w+=,.@-]*")]
ExternalId = Annotated[str, types.length(2, 1224), types.matching(r"[\w+=,.@:\/-]*")]
SerialNumber = Annotated[str, types.length(9, 256), types.matching(r"[\w+=/:,.@-]*")]
TokenCode = Annotated[str, types.length(6, 6), types.matching(r"[\d]*")]
AccessKeyId = Annotated[str, types.length(16, 128), types.matching(r"[\w]*")]
AssumedRoleId = Annotated[str, types.length(2, 193), types.matching(r"[\w+=,.@:-]*")]
SessionPolicy = Annotated[
    str, types.length(1, None), types.matching(r"[\u0009\u000A\u000D\u0020-\u00FF]+")
]
TagKey = Annotated[str, types.length(1, 128), types.matching(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")]
TagValue = Annotated[str, types.length(0, 256), types.matching(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")]
RoleDurationSeconds = Annotated[int, msgspec.Meta(ge=900, le=43200)]
DurationSeconds = Annotated[int, msgspec.Meta(ge=900, le=129600)]
MinimumSessionTokenSize = Annotated[int, msgspec.Meta(ge=0, le=4096)]
NonNegative = Annotated[int, msgspec.Meta(ge=0)]


class StsShape(ModelShape, frozen=True, kw_only=True):
    """A structure of the STS model."""


class PolicyDescriptorType(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_PolicyDescriptorType.html"""

    arn: Arn | None = msgspec.field(default=None, name="arn")


class Tag(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html"""

    key: TagKey
    value: TagValue


class ProvidedContext(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_ProvidedContext.html"""

    provider_arn: Arn | None = None
    context_assertion: Annotated[str, types.length(4, 2048)] | None = None


class AssumeRoleRequest(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""

    role_arn: Arn
    role_session_name: RoleSessionName
    policy_arns: list[PolicyDescriptorType] | None = None
    policy: SessionPolicy | None = None
    duration_seconds: RoleDurationSeconds | None = None
    tags: Annotated[list[Tag], types.length(None, 50)] | None = None
    transitive_tag_keys: Annotated[list[TagKey], types.length(None, 50)] | None = None
    external_id: ExternalId | None = None
    serial_number: SerialNumber | None = None
    token_code: TokenCode | None = None
    source_identity: SourceIdentity | None = None
    provided_contexts: Annotated[list[ProvidedContext], types.length(1, 5)] | None = None
    minimum_session_token_size: MinimumSessionTokenSize | None = None


class AssumedRoleUser(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumedRoleUser.html"""

    assumed_role_id: AssumedRoleId
    arn: Arn


class Credentials(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html"""

    access_key_id: AccessKeyId
    secret_access_key: Annotated[str, types.SENSITIVE]
    session_token: Annotated[str, types.HIDDEN]
    expiration: types.Timestamp


class AssumeRoleResponse(StsShape, frozen=True, kw_only=True):
    credentials: Credentials | None = None
    assumed_role_user: AssumedRoleUser | None = None
    packed_policy_size: NonNegative | None = None
    source_identity: SourceIdentity | None = None
    session_token_utilization: NonNegative | None = None
    session_token_size: NonNegative | None = None


class GetSessionTokenRequest(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html"""

    duration_seconds: DurationSeconds | None = None
    serial_number: SerialNumber | None = None
    token_code: TokenCode | None = None
    minimum_session_token_size: MinimumSessionTokenSize | None = None


class GetSessionTokenResponse(StsShape, frozen=True, kw_only=True):
    credentials: Credentials | None = None
    session_token_utilization: NonNegative | None = None
    session_token_size: NonNegative | None = None


class GetCallerIdentityRequest(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


class GetCallerIdentityResponse(StsShape, frozen=True, kw_only=True):
    user_id: str | None = None
    account: str | None = None
    arn: Arn | None = None

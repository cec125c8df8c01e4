"""The scalar types of IAM's model, with its limits."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from node.wire.shapes.types import SENSITIVE, length, matching

AccessKeyId = Annotated[str, length(16, 128), matching(r"[\w]+")]
AccessKeySecret = Annotated[str, SENSITIVE]
Arn = Annotated[str, length(20, 2048)]
Entity = Literal["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]
ExistingUserName = Annotated[str, length(1, 128), matching(r"[\w+=,.@-]+")]
GroupName = Annotated[str, length(1, 128), matching(r"[\w+=,.@-]+")]
Id = Annotated[str, length(16, 128), matching(r"[\w]+")]
Marker = Annotated[str, length(1, 320), matching(r"[\u0020-\u00FF]+")]
MaxItems = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Path = Annotated[str, length(1, 512), matching(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)")]
PathPrefix = Annotated[str, length(1, 512), matching(r"\u002F[\u0021-\u007F]*")]
PermissionsBoundaryAttachment = Literal["PermissionsBoundaryPolicy"]
PolicyDescription = Annotated[str, length(None, 1000)]
PolicyDocument = Annotated[str, length(1, 131072), matching(r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
PolicyName = Annotated[str, length(1, 128), matching(r"[\w+=,.@-]+")]
PolicyPath = Annotated[str, length(1, 512), matching(r"((/[A-Za-z0-9\.,\+@=_-]+)*)/")]
PolicyScope = Literal["All", "AWS", "Local"]
PolicyUsage = Literal["PermissionsPolicy", "PermissionsBoundary"]
PolicyVersionId = Annotated[str, matching(r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?")]
RoleDescription = Annotated[
    str, length(None, 1000), matching(r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*")
]
RoleMaxSessionDuration = Annotated[int, msgspec.Meta(ge=3600, le=43200)]
RoleName = Annotated[str, length(1, 64), matching(r"[\w+=,.@-]+")]
Status = Literal["Active", "Inactive", "Expired"]
TagKey = Annotated[str, length(1, 128), matching(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")]
TagValue = Annotated[str, length(0, 256), matching(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")]
UserName = Annotated[str, length(1, 64), matching(r"[\w+=,.@-]+")]

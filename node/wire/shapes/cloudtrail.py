"""LookupEvents of CloudTrail: the one operation of it that Keyspan serves.

Not shapes of the KMS model; a test holds them against botocore's model of CloudTrail.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from node.wire.shapes import types

TARGET: Final = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
SERVICE: Final = "cloudtrail"

AttributeKey = Literal[
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
]


class _Shape(
    msgspec.Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True, gc=False
):
    """A structure of the CloudTrail model."""


class LookupAttribute(_Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupAttribute.html"""

    attribute_key: AttributeKey
    attribute_value: Annotated[str, types.length(1, 2000)]


class LookupEventsRequest(_Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""

    lookup_attributes: list[LookupAttribute] | None = None
    start_time: types.Timestamp | None = None
    end_time: types.Timestamp | None = None
    event_category: Literal["insight"] | None = None
    max_results: Annotated[int, msgspec.Meta(ge=1, le=50)] | None = None
    next_token: str | None = None


class Resource(_Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Resource.html"""

    resource_type: str | None = None
    resource_name: str | None = None


class Event(_Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html"""

    event_id: str | None = None
    event_name: str | None = None
    read_only: str | None = None
    access_key_id: str | None = None
    event_time: types.Timestamp | None = None
    event_source: str | None = None
    username: str | None = None
    resources: list[Resource] | None = None
    cloud_trail_event: str | None = None


class LookupEventsResponse(_Shape, frozen=True, kw_only=True):
    events: list[Event] | None = None
    next_token: str | None = None

"""One record in CloudTrail's shape, as JSON.

What is the same for many records is encoded once and put in as it is: the caller's identity, the
resources. Texts that a stranger chooses are cut to CloudTrail's lengths.

Source: AWS CloudTrail User Guide, "CloudTrail record contents" and "userIdentity element".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

EVENT_VERSION: Final = "1.11"
TEXT_MOST: Final = 1024  # characters of userAgent and errorMessage
PARAMETERS_MOST: Final = 100 * 1024  # bytes of a body whose requestParameters are shown
OMITTED: Final = {"omitted": True, "reason": "the request is too large to be recorded"}
KEY_TYPE: Final = "AWS::KMS::Key"
ALIAS_TYPE: Final = "AWS::KMS::Alias"
_KINDS: Final = {":alias/": ALIAS_TYPE, ":key/": KEY_TYPE, ":role/": "AWS::IAM::Role"}
API_CALL: Final = "AwsApiCall"
SERVICE_EVENT: Final = "AwsServiceEvent"

encode: Final = msgspec.json.Encoder().encode
"""A value as JSON. Raises UnicodeEncodeError for a text that JSON cannot hold."""


class Record(msgspec.Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """The members in CloudTrail's order and spelling; one that is UNSET is left out."""

    event_version: str = EVENT_VERSION
    user_identity: msgspec.Raw
    event_time: str
    event_source: str
    event_name: str
    aws_region: str
    source_address: str = msgspec.field(name="sourceIPAddress")
    user_agent: str
    error_code: str | msgspec.UnsetType = msgspec.UNSET
    error_message: str | msgspec.UnsetType = msgspec.UNSET
    request_parameters: dict[str, Any] | None
    response_elements: dict[str, Any] | None
    additional_event_data: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    service_event_details: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    request_id: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="requestID")
    event_id: str = msgspec.field(name="eventID")
    shared_event_id: str | msgspec.UnsetType = msgspec.field(
        default=msgspec.UNSET, name="sharedEventID"
    )
    read_only: bool
    resources: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    event_type: str = API_CALL
    management_event: bool = True
    recipient_account_id: str
    event_category: str = "Management"


class Resource(msgspec.Struct, frozen=True, rename="camel"):
    """What a call was about."""

    account_id: str
    type: str
    arn: str = msgspec.field(name="ARN")


def encoded(record: Record) -> bytes:
    """The record as JSON; what JSON cannot hold becomes a question mark."""
    try:
        return encode(record)
    except UnicodeEncodeError:  # a lone surrogate, in a text that a stranger chose; Raw is JSON
        return encode(_printable(msgspec.to_builtins(record, enc_hook=msgspec.json.decode)))


def encoded_resources(arns: Sequence[str]) -> bytes:
    """The `resources` of a record, each of these ARNs once."""
    return encode([_resource(arn) for arn in dict.fromkeys(arns)])


def cut(text: str) -> str:
    """A text at most as long as CloudTrail keeps it."""
    return text if len(text) <= TEXT_MOST else text[:TEXT_MOST]


def _resource(arn: str) -> Resource:
    account = arn.split(":")[4] if arn.count(":") >= 5 else ""
    kind = next((kind for part, kind in _KINDS.items() if part in arn), "AWS::IAM")
    return Resource(account, kind, arn)


def _printable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_printable(key): _printable(each) for key, each in value.items()}
        case list():
            return [_printable(each) for each in value]
    return value

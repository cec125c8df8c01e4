"""What records can be looked for by: CloudTrail's lookup attributes, and the command line's words.

Source: CloudTrail API Reference, LookupAttribute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from node.audit.search import Record, Wanted, quoted

Criterion = Callable[[str], Wanted]


def by_member(name: str) -> Criterion:
    """A member of the record itself, such as eventName."""

    def wanted(value: str) -> Wanted:
        return Wanted((quoted(name, value),), (lambda record: record.get(name) == value,))

    return wanted


def by_read_only(value: str) -> Wanted:
    """`true` or `false`."""
    asked = value.lower() == "true"
    text = b'"readOnly":true' if asked else b'"readOnly":false'
    return Wanted((text,), (lambda record: record.get("readOnly") is asked,))


def by_identity(name: str) -> Criterion:
    """A member of userIdentity."""

    def wanted(value: str) -> Wanted:
        return Wanted(
            (quoted(name, value),), (lambda record: _identity(record).get(name) == value,)
        )

    return wanted


def by_username(value: str) -> Wanted:
    """The name of the user, or of the session of a role."""
    return Wanted((_inner(value),), (lambda record: username(record) == value,))


def by_principal(value: str) -> Wanted:
    """A principal by its ARN, or by the name at the ARN's end."""
    if value.startswith("arn:"):
        return by_identity("arn")(value)
    return by_username(value)


def by_resource(value: str) -> Wanted:
    """A resource by its ARN, or by the ID or name at the ARN's end."""

    def touches(record: Record) -> bool:
        return any(value in (arn, name_of(arn)) for arn in resources(record))

    return Wanted((_inner(value),), (touches,))


def by_resource_type(value: str) -> Wanted:
    """`AWS::KMS::Key`, …"""

    def touches(record: Record) -> bool:
        return any(each["type"] == value for each in record.get("resources", ()))

    return Wanted((quoted("type", value),), (touches,))


def by_account(value: str) -> Wanted:
    """Whose records they are."""
    return by_member("recipientAccountId")(value)


ATTRIBUTES: Final[Mapping[str, Criterion]] = MappingProxyType(
    {
        "AccessKeyId": by_identity("accessKeyId"),
        "EventId": by_member("eventID"),
        "EventName": by_member("eventName"),
        "EventSource": by_member("eventSource"),
        "ReadOnly": by_read_only,
        "ResourceName": by_resource,
        "ResourceType": by_resource_type,
        "Username": by_username,
    }
)
"""CloudTrail's lookup attributes."""


def together(*wanted: Wanted, since: float | None = None, until: float | None = None) -> Wanted:
    """The records that meet every criterion, within these times."""
    return Wanted(
        tuple(text for each in wanted for text in each.texts),
        tuple(match for each in wanted for match in each.matches),
        since,
        until,
    )


def username(record: Record) -> str | None:
    """What CloudTrail calls the user name: the user's, or that of the role's session."""
    identity = _identity(record)
    name: str | None = identity.get("userName")
    if name is None and identity.get("type") == "AssumedRole":
        return str(identity.get("arn", "")).rpartition("/")[2] or None
    if name is None and identity.get("type") == "Root":
        return "root"
    return name


def resources(record: Record) -> list[str]:
    """The ARNs that a record is about."""
    return [each["ARN"] for each in record.get("resources", ())]


def name_of(arn: str) -> str:
    """The end of an ARN: a key ID, or an alias with its prefix."""
    resource = arn.rpartition(":")[2]
    return resource.removeprefix("key/")


def _identity(record: Record) -> Mapping[str, Any]:
    identity: Mapping[str, Any] = record.get("userIdentity", {})
    return identity


def _inner(value: str) -> bytes:
    """A value as it stands within a JSON text."""
    return quoted("", value)[4:-1]

"""The services that speak the query protocol, and how their requests are addressed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

GLOBAL_REGION: Final = "us-east-1"
"""The Region that requests to a global endpoint are signed for; every region here takes it."""

SKEW_MINUTES: Final = 15
"""How far the time of a signature may be off for these services (recorded answers of STS)."""

FAULT_NAMESPACE: Final = "http://webservices.amazon.com/AWSFault/2005-15-09"
"""Of refusals that come before a service is known (recorded answers of STS)."""


class QueryService(NamedTuple):
    """One service: its name in signatures, its version, the namespace of its answers.

    `user_sessions`: whether it takes what GetSessionToken gives without a second factor (STS API
    Reference, GetSessionToken).
    """

    name: str
    version: str
    namespace: str
    user_sessions: bool = True


STS: Final = QueryService("sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/")
IAM: Final = QueryService(
    "iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/", user_sessions=False
)

SERVICES: Final[Mapping[str, QueryService]] = MappingProxyType(
    {each.name: each for each in (STS, IAM)}
)
"""By name. A test holds them against botocore's models."""


def service_of(signed_for: str, version: str) -> QueryService:
    """The service that a request is for: the one that it is signed for, else that of its version,
    else STS, which answers strangers as any would.
    """
    found = SERVICES.get(signed_for)
    if found is not None:
        return found
    return next((each for each in SERVICES.values() if each.version == version), STS)

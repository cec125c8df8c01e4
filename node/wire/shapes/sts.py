"""GetCallerIdentity.

Not shapes of the KMS model; a test holds them against botocore's model of STS.
"""

from __future__ import annotations

from typing import Annotated, Final

from node.wire.shapes import types
from node.wire.shapes.base import ModelShape

SERVICE: Final = "sts"

_ARN_PATTERN: Final = (
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
)
Arn = Annotated[str, types.length(20, 2048), types.matching(_ARN_PATTERN)]


class StsShape(ModelShape, frozen=True, kw_only=True):
    """A structure of the STS model."""


class GetCallerIdentityRequest(StsShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


class GetCallerIdentityResponse(StsShape, frozen=True, kw_only=True):
    user_id: str | None = None
    account: str | None = None
    arn: Arn | None = None

"""From a domain error to its name and status on the wire: one table for each protocol.

AWS JSON 1.1 has status 400 for nearly all, as it says what went wrong by `__type`; faults of the
service are 500 (the KMS model marks them `fault`). The query protocol of IAM and STS has names and
status of its own.

Source: KMS API Reference, "Common Error Types"; IAM API Reference and STS API Reference, "Common
Errors"; Smithy, "AWS JSON 1.1 protocol" and "AWS query protocol", operation errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from node.model import errors

Dialect: TypeAlias = Literal["json", "query"]
"""The protocols of AWS that are spoken: JSON 1.1, and the query protocol."""


class WireError(NamedTuple):
    """How one error looks from outside."""

    name: str
    status: int


WIRE_ERRORS: Mapping[type[errors.KmsError], WireError] = MappingProxyType(
    {
        errors.AccessDenied: WireError("AccessDeniedException", 400),
        errors.ExpiredToken: WireError("ExpiredTokenException", 400),
        errors.IncompleteSignature: WireError("IncompleteSignatureException", 400),
        errors.InvalidSignature: WireError("InvalidSignatureException", 400),
        errors.MissingAuthenticationToken: WireError("MissingAuthenticationTokenException", 400),
        errors.UnrecognizedClient: WireError("UnrecognizedClientException", 400),
        errors.RequestEntityTooLarge: WireError("RequestEntityTooLargeException", 413),
        errors.RequestTimeout: WireError("RequestTimeoutException", 408),
        errors.Serialization: WireError("SerializationException", 400),
        errors.Throttling: WireError("ThrottlingException", 400),
        errors.UnknownOperation: WireError("UnknownOperationException", 400),
        errors.Validation: WireError("ValidationException", 400),
        errors.AlreadyExists: WireError("AlreadyExistsException", 400),
        errors.CloudHsmClusterNotFound: WireError("CloudHsmClusterNotFoundException", 400),
        errors.Conflict: WireError("ConflictException", 400),
        errors.CustomKeyStoreNotFound: WireError("CustomKeyStoreNotFoundException", 400),
        errors.DependencyTimeout: WireError("DependencyTimeoutException", 500),
        errors.Disabled: WireError("DisabledException", 400),
        errors.DryRunSucceeded: WireError("DryRunOperationException", 400),
        errors.ExpiredImportToken: WireError("ExpiredImportTokenException", 400),
        errors.IncorrectKey: WireError("IncorrectKeyException", 400),
        errors.IncorrectKeyMaterial: WireError("IncorrectKeyMaterialException", 400),
        errors.Internal: WireError("KMSInternalException", 500),
        errors.InvalidAliasName: WireError("InvalidAliasNameException", 400),
        errors.InvalidArn: WireError("InvalidArnException", 400),
        errors.InvalidCiphertext: WireError("InvalidCiphertextException", 400),
        errors.InvalidGrantId: WireError("InvalidGrantIdException", 400),
        errors.InvalidGrantToken: WireError("InvalidGrantTokenException", 400),
        errors.InvalidImportToken: WireError("InvalidImportTokenException", 400),
        errors.InvalidKeyUsage: WireError("InvalidKeyUsageException", 400),
        errors.InvalidLookupAttributes: WireError("InvalidLookupAttributesException", 400),
        errors.InvalidMarker: WireError("InvalidMarkerException", 400),
        errors.InvalidNextToken: WireError("InvalidNextTokenException", 400),
        errors.InvalidState: WireError("KMSInvalidStateException", 400),
        errors.InvalidTimeRange: WireError("InvalidTimeRangeException", 400),
        errors.KeyUnavailable: WireError("KeyUnavailableException", 500),
        errors.KmsInvalidMac: WireError("KMSInvalidMacException", 400),
        errors.KmsInvalidSignature: WireError("KMSInvalidSignatureException", 400),
        errors.LimitExceeded: WireError("LimitExceededException", 400),
        errors.MalformedPolicyDocument: WireError("MalformedPolicyDocumentException", 400),
        errors.NotAvailableYet: WireError("UnsupportedOperationException", 400),
        errors.NotFound: WireError("NotFoundException", 400),
        errors.TagError: WireError("TagException", 400),
        errors.UnsupportedOperation: WireError("UnsupportedOperationException", 400),
        errors.XksProxyUriUnreachable: WireError("XksProxyUriUnreachableException", 400),
        errors.XksProxyVpcEndpointServiceNotFound: WireError(
            "XksProxyVpcEndpointServiceNotFoundException", 400
        ),
    }
)
"""Of AWS JSON 1.1. A test holds that every error has a row, and that the names are the model's."""

QUERY_ERRORS: Mapping[type[errors.KmsError], WireError] = MappingProxyType(
    {
        errors.AccessDenied: WireError("AccessDenied", 403),
        errors.DeleteConflict: WireError("DeleteConflict", 409),
        errors.EntityAlreadyExists: WireError("EntityAlreadyExists", 409),
        errors.ExpiredToken: WireError("ExpiredToken", 403),
        errors.IncompleteSignature: WireError("IncompleteSignature", 400),
        errors.Internal: WireError("InternalFailure", 500),
        errors.InvalidAction: WireError("InvalidAction", 400),
        errors.InvalidInput: WireError("InvalidInput", 400),
        errors.InvalidParameterValue: WireError("InvalidParameterValue", 400),
        errors.InvalidSignature: WireError("SignatureDoesNotMatch", 403),
        errors.LimitExceeded: WireError("LimitExceeded", 409),
        errors.MalformedPolicyDocument: WireError("MalformedPolicyDocument", 400),
        errors.MissingAction: WireError("MissingAction", 400),
        errors.MissingAuthenticationToken: WireError("MissingAuthenticationToken", 403),
        errors.NoSuchEntity: WireError("NoSuchEntity", 404),
        errors.NotAvailableYet: WireError("InvalidAction", 400),
        errors.PackedPolicyTooLarge: WireError("PackedPolicyTooLarge", 400),
        errors.Serialization: WireError("MalformedInput", 400),
        errors.Throttling: WireError("Throttling", 400),
        errors.UnmodifiableEntity: WireError("UnmodifiableEntity", 400),
        errors.UnrecognizedClient: WireError("InvalidClientTokenId", 403),
        errors.Validation: WireError("ValidationError", 400),
    }
)
"""Of the query protocol."""

_TABLES: Mapping[Dialect, Mapping[type[errors.KmsError], WireError]] = MappingProxyType(
    {"json": WIRE_ERRORS, "query": QUERY_ERRORS}
)


def wire_error(error: errors.KmsError, dialect: Dialect = "json") -> WireError:
    """The name and status of `error`; where the dialect has none, those of the other one."""
    kind = type(error)
    return _TABLES[dialect].get(kind) or WIRE_ERRORS.get(kind) or QUERY_ERRORS[kind]


def error_body(error: errors.KmsError) -> bytes:
    """The response body of AWS JSON 1.1 for `error`: `{"__type": …, "message": …}`.

    An empty message is left out, as KMS does. A message may quote a header that was not UTF-8; what
    JSON cannot hold becomes a question mark.
    """
    body = {"__type": wire_error(error).name}
    if error.message:
        body["message"] = error.message.encode("utf-8", "replace").decode()
    return msgspec.json.encode(body)

"""The errors a caller can meet, one class for each, each carrying only a message.

Domain code raises these; `node.wire.errors` turns them into wire names and HTTP status at the
door. A message may name a key, an alias or a principal; it never holds key material, plaintext,
ciphertext or a secret. Where KMS always answers with the same text, that text is the default.

Source: the KMS API Reference, "Errors" of each operation and "Common Error Types".
"""

from __future__ import annotations

from typing import ClassVar


class KmsError(Exception):
    """What all errors with a place on the wire have in common."""

    default: ClassVar[str] = ""

    def __init__(self, message: str | None = None) -> None:
        self.message = self.default if message is None else message
        super().__init__(self.message)


# The caller is not known, or may not.


class AccessDenied(KmsError):
    """The caller is known and may not do this."""


class ExpiredToken(KmsError):
    """The session token was valid once."""

    default = "The security token included in the request is expired"


class IncompleteSignature(KmsError):
    """The request is signed in a form that cannot be read."""


class InvalidSignature(KmsError):
    """The request's signature (SigV4) does not prove the caller."""


class MissingAuthenticationToken(KmsError):
    """The request is not signed at all."""

    default = "Missing Authentication Token"


class UnrecognizedClient(KmsError):
    """No such access key, or a session token that is not ours."""

    default = "The security token included in the request is invalid."


# The request cannot be read, or is not one of ours.


class RequestEntityTooLarge(KmsError):
    """The body is longer than this node reads."""


class RequestTimeout(KmsError):
    """The body did not arrive in time."""

    default = "The request body was not received in time."


class InvalidAction(KmsError):
    """No operation of the query protocol has this name and version."""


class MissingAction(KmsError):
    """The request of the query protocol names no operation."""

    default = "The request is missing an action or a required parameter."


class Serialization(KmsError):
    """The body cannot be read, or a member is not of its type."""


class Throttling(KmsError):
    """The caller asks too often."""

    default = (
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    )


class UnknownOperation(KmsError):
    """No operation has this name."""


class Validation(KmsError):
    """A member, or members together, break a rule of the API."""


# The operation cannot be done.


class AlreadyExists(KmsError):
    """The name is taken."""


class CloudHsmClusterNotFound(KmsError):
    """No such CloudHSM cluster."""


class Conflict(KmsError):
    """The same is being done already."""


class CustomKeyStoreNotFound(KmsError):
    """No such custom key store."""


class DependencyTimeout(KmsError):
    """Something this node needs did not answer in time; the caller may try again."""


class DeleteConflict(KmsError):
    """Something hangs on what is to be deleted (IAM)."""


class Disabled(KmsError):
    """The key is disabled."""


class DryRunSucceeded(KmsError):
    """Not a failure: the caller asked whether it would work, and it would."""

    default = "The request would have succeeded, but the DryRun option is set."


class EntityAlreadyExists(KmsError):
    """There is a user, group, role or policy of this name (IAM)."""


class ExpiredImportToken(KmsError):
    """The import token is older than a day."""


class IncorrectKey(KmsError):
    """The key named is not the one that made this ciphertext."""

    default = "The key ID in the request does not identify a CMK that can perform this operation."


class IncorrectKeyMaterial(KmsError):
    """The material imported is not the material this key has."""


class Internal(KmsError):
    """Our own fault. It never says more than that; the log does, under the request ID."""


class InvalidAliasName(KmsError):
    """The alias name is reserved or malformed."""


class InvalidArn(KmsError):
    """The ARN is malformed, or names a resource of another kind."""


class InvalidCiphertext(KmsError):
    """The ciphertext does not open. Nothing is said about why."""


class InvalidGrantId(KmsError):
    """No such grant on this key."""


class InvalidGrantToken(KmsError):
    """The grant token is not ours."""


class InvalidImportToken(KmsError):
    """The import token is not ours, or not for this key."""


class InvalidInput(KmsError):
    """A value that cannot be (IAM)."""


class InvalidKeyUsage(KmsError):
    """The key is not for this use, or not with this algorithm."""


class InvalidMarker(KmsError):
    """The marker does not come from an earlier page of this list."""


class InvalidParameterValue(KmsError):
    """A parameter that its rules do not allow (STS)."""


class InvalidState(KmsError):
    """The key's state does not allow this."""


class KeyUnavailable(KmsError):
    """The key exists and cannot be used just now; the caller may try again."""


class KmsInvalidMac(KmsError):
    """The MAC does not verify."""


class KmsInvalidSignature(KmsError):
    """The message signature does not verify (for the request's own, see InvalidSignature)."""


class InvalidLookupAttributes(KmsError):
    """The events of the trail cannot be looked up by these (CloudTrail)."""


class InvalidNextToken(KmsError):
    """The token does not come from an earlier page of the same look-up (CloudTrail)."""


class InvalidTimeRange(KmsError):
    """The look-up ends before it begins (CloudTrail)."""


class LimitExceeded(KmsError):
    """A quota is used up."""


class MalformedPolicyDocument(KmsError):
    """The key policy cannot be read, or would lock its writer out."""


class NoSuchEntity(KmsError):
    """No such user, group, role or policy (IAM)."""


class NotAvailableYet(KmsError):
    """An operation of KMS that Keyspan does not serve yet."""


class NotFound(KmsError):
    """No such key, alias or grant in this Region."""


class PackedPolicyTooLarge(KmsError):
    """The session policy and tags do not fit into a session token (STS)."""


class TagError(KmsError):
    """Tags that are duplicate, reserved or too many."""


class UnmodifiableEntity(KmsError):
    """A principal that is not changed here: the cluster's settings gave it (IAM)."""


class UnsupportedOperation(KmsError):
    """The operation or a parameter of it is not for this kind of key."""


class XksProxyUriUnreachable(KmsError):
    """The proxy of the external key manager does not answer."""


class XksProxyVpcEndpointServiceNotFound(KmsError):
    """No such VPC endpoint service."""

"""Condition keys: one table from each to how it is read from a call, asked only when a policy does.

A key that the table has not, or that the call does not have, is absent. Parameters with a default
count as present (KMS Developer Guide, "AWS KMS condition keys"), but for the two whose absence the
guide tests with Null. What a Keyspan node never has is absent always: networks of AWS, services
that call on behalf of someone (kms:ViaService, aws:SourceArn), organisations, attestations.

`aws:SecureTransport` is false: a node speaks HTTP, and does not know whether a proxy spoke TLS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from node.access.asked import Asked, encryption_context
from node.access.grants import WITH_CONTEXT
from node.access.patterns import Lookup, Values
from node.model.arn import ALIAS_PREFIX
from node.model.key import Key
from node.model.principal import Principal

USER_KINDS: Final = {
    "Root": "Account",
    "IAMUser": "User",
    "AssumedRole": "AssumedRole",
    "AWSService": "AWSService",
}
RESOURCE_ALIASES: Final = "kms:resourcealiases"
_DEFAULT_ALGORITHM: Final = "SYMMETRIC_DEFAULT"


Reader = Callable[[Asked], Values]
Pairs = Iterable[tuple[str, str]]


def condition_keys(asked: Asked) -> Lookup:
    """From a condition key, in lower case, to the values that the call has for it; read once."""
    known: dict[str, Values] = dict(asked.facts)

    def lookup(key: str) -> Values:
        if key not in known:
            known[key] = _read(asked, key)
        return known[key]

    return lookup


def _read(asked: Asked, key: str) -> Values:
    reader = CONDITION_KEYS.get(key)
    if reader is not None:
        return reader(asked) or None
    for prefix, pairs in CONDITION_KEY_FAMILIES.items():
        if key.startswith(prefix):
            return _member(pairs(asked), key.removeprefix(prefix))
    return None


# What a condition key is read from


def _of_key(read: Callable[[Key], str], parameter: str, default: str) -> Reader:
    """A property of the key; of CreateKey, the parameter that sets it."""

    def reader(asked: Asked) -> Values:
        if asked.key is not None:
            return _one(read(asked.key))
        if asked.operation == "CreateKey":
            return _one(_text(asked.parameter(parameter) or default))
        return None

    return reader


def _parameter(name: str, default: str | None, *operations: str) -> Reader:
    """A parameter of the request; `default` counts as present in these operations."""

    def reader(asked: Asked) -> Values:
        value = asked.parameter(name)
        if value is None:
            return _one(default) if asked.operation in operations else None
        return (_text(value),)

    return reader


def _of_caller(read: Callable[[Principal], str | None]) -> Reader:
    return lambda asked: _one(read(asked.caller))


def _always(value: str) -> Reader:
    return lambda asked: (value,)


def _algorithm(asked: Asked) -> Values:
    if asked.operation not in WITH_CONTEXT:
        return None
    return (asked.parameter("encryption_algorithm") or _DEFAULT_ALGORITHM,)


def _request_alias(asked: Asked) -> Values:
    named = str(asked.parameter("key_id") or "")
    at = 0 if named.startswith(ALIAS_PREFIX) else named.find(f":{ALIAS_PREFIX}") + 1
    return (named[at:],) if at or named.startswith(ALIAS_PREFIX) else None


def _constraint_type(asked: Asked) -> Values:
    constraints = asked.parameter("constraints")
    if constraints is None:
        return None
    if constraints.encryption_context_equals is not None:
        return ("EncryptionContextEquals",)
    if constraints.encryption_context_subset is not None:
        return ("EncryptionContextSubset",)
    return None if constraints.source_arn is None else ("SourceArn",)


def _for_aws_resource(asked: Asked) -> Values:
    grants = ("CreateGrant", "ListGrants", "RevokeGrant")
    return ("false",) if asked.operation in grants else None


def _key_type(asked: Asked) -> Values:
    if asked.key is None or not asked.key.multi_region:
        creating = asked.operation == "CreateKey" and asked.parameter("multi_region")
        return ("PRIMARY",) if creating else None
    return ("PRIMARY" if asked.key.is_primary else "REPLICA",)


def _request_tags(asked: Asked) -> Pairs:
    """Of KMS's requests; what IAM's and STS's have is told in `facts`."""
    tags = asked.parameter("tags") or ()
    return [(tag.tag_key, tag.tag_value) for tag in tags if hasattr(tag, "tag_key")]


def _tag_keys(asked: Asked) -> Values:
    named = [key for key, _ in _request_tags(asked)] or asked.parameter("tag_keys") or ()
    return tuple(dict.fromkeys(named))


def _resource_tags(asked: Asked) -> Pairs:
    return () if asked.key is None else asked.key.tags


def _principal_arn(caller: Principal) -> str:
    """The role's ARN for a role session, as aws:PrincipalArn has it."""
    return caller.issuer if caller.kind == "AssumedRole" else caller.arn


def _user_name(caller: Principal) -> str | None:
    return caller.arn.rpartition("/")[2] if caller.kind == "IAMUser" else None


def _issue_time(caller: Principal) -> str | None:
    return None if caller.session is None else _iso(caller.session.issued)


def _source_identity(caller: Principal) -> str | None:
    return None if caller.session is None else caller.session.source_identity or None


def _multi_factor(caller: Principal) -> str | None:
    """Temporary credentials say whether there was a second factor, access keys of users do not."""
    return None if caller.session is None else "false"


def _one(value: str | None) -> Values:
    return None if value is None else (value,)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _member(pairs: Pairs, wanted: str) -> Values:
    """The value whose name is `wanted`, which is lower case: names of condition keys have no case.

    Names that differ only in case are one condition key, with the values of all of them.
    """
    return tuple(value for name, value in pairs if name.lower() == wanted) or None


_KEY_SPEC: Final = _of_key(lambda key: key.key_spec, "key_spec", _DEFAULT_ALGORITHM)
_KEY_USAGE: Final = _of_key(lambda key: key.key_usage, "key_usage", "ENCRYPT_DECRYPT")

CONDITION_KEYS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        # the key
        "kms:customermasterkeyspec": _KEY_SPEC,
        "kms:customermasterkeyusage": _KEY_USAGE,
        "kms:keyorigin": _of_key(lambda key: key.origin, "origin", "AWS_KMS"),
        "kms:keyspec": _KEY_SPEC,
        "kms:keyusage": _KEY_USAGE,
        "kms:multiregion": _of_key(lambda key: _text(key.multi_region), "multi_region", "false"),
        "kms:multiregionkeytype": _key_type,
        RESOURCE_ALIASES: lambda asked: asked.aliases,
        # the caller
        "kms:calleraccount": _of_caller(lambda caller: caller.account),
        # the request
        "kms:bypasspolicylockoutsafetycheck": _parameter(
            "bypass_policy_lockout_safety_check", None
        ),
        "kms:datakeypairspec": _parameter("key_pair_spec", None),
        "kms:encryptionalgorithm": _algorithm,
        "kms:encryptioncontextkeys": lambda asked: tuple(encryption_context(asked)),
        "kms:expirationmodel": _parameter("expiration_model", None),
        "kms:grantconstrainttype": _constraint_type,
        "kms:grantisforawsresource": _for_aws_resource,
        "kms:grantoperations": lambda asked: tuple(asked.parameter("operations") or ()),
        "kms:granteeprincipal": _parameter("grantee_principal", None),
        "kms:keyagreementalgorithm": _parameter("key_agreement_algorithm", None),
        "kms:macalgorithm": _parameter("mac_algorithm", None),
        "kms:messagetype": _parameter("message_type", "RAW", "Sign", "Verify"),
        "kms:policyname": _parameter("policy_name", "default", "GetKeyPolicy", "PutKeyPolicy"),
        "kms:primaryregion": _parameter("primary_region", None),
        "kms:replicaregion": _parameter("replica_region", None),
        "kms:requestalias": _request_alias,
        "kms:retiringprincipal": _parameter("retiring_principal", None),
        "kms:rotationperiodindays": _parameter(
            "rotation_period_in_days", "365", "EnableKeyRotation"
        ),
        "kms:schedulekeydeletionpendingwindowindays": _parameter(
            "pending_window_in_days", "30", "ScheduleKeyDeletion"
        ),
        "kms:signingalgorithm": _parameter("signing_algorithm", None),
        "kms:validto": _parameter("valid_to", None),
        "kms:wrappingalgorithm": _parameter("wrapping_algorithm", None),
        "kms:wrappingkeyspec": _parameter("wrapping_key_spec", None),
        # IAM User Guide, "AWS global condition context keys"
        "aws:currenttime": lambda asked: (_iso(asked.circumstances.received),),
        "aws:epochtime": lambda asked: (str(int(asked.circumstances.received)),),
        "aws:multifactorauthpresent": _of_caller(_multi_factor),
        "aws:principalaccount": _of_caller(lambda caller: caller.account),
        "aws:principalarn": _of_caller(_principal_arn),
        "aws:principalisawsservice": _always("false"),
        "aws:principaltype": _of_caller(lambda caller: USER_KINDS[caller.kind]),
        "aws:requestedregion": lambda asked: (asked.circumstances.region,),
        "aws:resourceaccount": lambda asked: (
            (asked.caller if asked.key is None else asked.key).account,
        ),
        "aws:securetransport": _always("false"),
        "aws:sourceidentity": _of_caller(_source_identity),
        "aws:sourceip": lambda asked: _one(asked.circumstances.source_address or None),
        "aws:tagkeys": _tag_keys,
        "aws:tokenissuetime": _of_caller(_issue_time),
        "aws:useragent": lambda asked: _one(asked.circumstances.user_agent or None),
        "aws:userid": _of_caller(lambda caller: caller.principal_id),
        "aws:username": _of_caller(_user_name),
        "aws:viaawsservice": _always("false"),
    }
)
"""Condition keys of one name, in lower case."""

CONDITION_KEY_FAMILIES: Final[Mapping[str, Callable[[Asked], Pairs]]] = MappingProxyType(
    {
        "kms:encryptioncontext:": lambda asked: encryption_context(asked).items(),
        "aws:principaltag/": lambda asked: asked.caller.tags,
        "aws:requesttag/": _request_tags,
        "aws:resourcetag/": _resource_tags,
    }
)
"""Condition keys that name a pair: what follows the prefix is the pair's name."""

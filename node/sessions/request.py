"""What AssumeRole asks for, beside whom: tags, source identity and session policy, as one session
has them after another. Pure.

Source: IAM User Guide, "Pass session tags in AWS STS" and "Monitor and control actions taken with
assumed roles"; STS API Reference, AssumeRole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.access.document import identity_policy
from node.model.errors import InvalidParameterValue, Validation
from node.model.principal import Principal, Tags
from node.wire.shapes.sts import AssumeRoleRequest

POLICY_ARNS_MOST: Final = 10
_RESERVED: Final = "aws:"
_VERSION: Final = "2012-10-17"
_DUPLICATE: Final = "Duplicate tag keys found. Please note that Tag keys are case insensitive."


@dataclass(frozen=True, slots=True)
class Wanted:
    """The session that is asked for. `tags` are those of the request and of the calling session,
    `transitive` are the keys of those that go on to the next one.
    """

    tags: Tags
    transitive: tuple[str, ...]
    source_identity: str

    def facts(self, request: AssumeRoleRequest) -> Mapping[str, tuple[str, ...]]:
        """The condition keys of the request (IAM User Guide, "Available keys for AWS STS")."""
        found: dict[str, tuple[str, ...]] = {
            "sts:rolesessionname": (request.role_session_name,),
            "aws:tagkeys": tuple(key for key, _ in self.tags),
            "sts:transitivetagkeys": self.transitive,
        }
        found |= {f"aws:requesttag/{key.lower()}": (value,) for key, value in self.tags}
        if request.external_id is not None:
            found["sts:externalid"] = (request.external_id,)
        if self.source_identity:
            found["sts:sourceidentity"] = (self.source_identity,)
        if request.duration_seconds is not None:
            found["sts:durationseconds"] = (str(request.duration_seconds),)
        return {name: values for name, values in found.items() if values}


def wanted(request: AssumeRoleRequest, caller: Principal) -> Wanted:
    """The session that a request of `caller` asks for. Raises InvalidParameterValue."""
    asked = tuple((each.key, each.value) for each in request.tags or ())
    _check_tags(asked)
    transitive = tuple(request.transitive_tag_keys or ())
    if not _folded(transitive) <= _folded(key for key, _ in asked):
        raise InvalidParameterValue(
            "The specified transitive tag key must be included in the requested tags."
        )
    inherited_keys = () if caller.session is None else caller.session.transitive_tag_keys
    inherited = _folded(inherited_keys)
    if inherited & _folded(key for key, _ in asked):
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            "transitive tag key from the calling session."
        )
    handed_on = tuple((key, value) for key, value in caller.tags if key.lower() in inherited)
    known = "" if caller.session is None else caller.session.source_identity
    return Wanted(
        (*handed_on, *asked),
        (*inherited_keys, *transitive),
        request.source_identity or known,
    )


def session_policy(inline: str | None, managed: Sequence[str]) -> str | None:
    """One document for the session policies, which together say what the session may do at most;
    None where there are none. Raises MalformedPolicyDocument.
    """
    documents = [*managed] if inline is None else [inline, *managed]
    if not documents:
        return None
    for each in documents:
        identity_policy(each)
    if len(documents) == 1:
        return documents[0]
    statements = [each for text in documents for each in _statements(json.loads(text))]
    return json.dumps({"Version": _VERSION, "Statement": statements}, separators=(",", ":"))


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements of a document without their names, of which two may be equal."""
    found = document["Statement"]
    listed = [found] if isinstance(found, dict) else found
    return [{name: each[name] for name in each if name != "Sid"} for each in listed]


def _check_tags(tags: Tags) -> None:
    keys = [key.lower() for key, _ in tags]
    if len(set(keys)) != len(keys):
        raise InvalidParameterValue(_DUPLICATE)
    if any(key.startswith(_RESERVED) for key in keys):
        raise Validation("Tag keys that begin with 'aws:' are reserved for system use")


def _folded(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key.lower() for key in keys)

"""From a CreateGrant request to the terms of a grant, and all that is refused on the way.

Source: KMS API Reference, CreateGrant and GrantConstraints. Texts are KMS's where one is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from node.access.principal_names import Renaming
from node.directory.known import KnownPrincipals
from node.model.arn import account_of, is_identity_arn
from node.model.errors import InvalidArn, Validation
from node.model.grant import (
    SYMMETRIC,
    GrantConstraints,
    GrantTerms,
    Pairs,
    grantable,
)
from node.model.key import Key
from node.wire.shapes import grants as shapes

PAIRS_MOST: Final = 8
VALUE_CHARACTERS_MOST: Final = 384


def terms_of(request: shapes.CreateGrantRequest, issuing_account: str) -> GrantTerms:
    """The terms that a request asks for. Raises Validation or InvalidArn."""
    _check_principals(request)
    if not request.operations:
        raise Validation("A grant must have at least one operation.")
    operations = tuple(dict.fromkeys(request.operations))
    if operations == ("CreateGrant",):
        raise Validation("Grants must not contain only the CreateGrant operation.")
    return GrantTerms(
        issuing_account=issuing_account,
        operations=operations,
        constraints=_constraints(request.constraints),
        name=request.name or "",
        grantee=request.grantee_principal,
        grantee_service=request.grantee_service_principal,
        retiring=request.retiring_principal,
        retiring_service=request.retiring_service_principal,
    )


def check_fits(key: Key, terms: GrantTerms) -> None:
    """Raise Validation for an operation or a constraint that the key's type has not."""
    allowed = grantable(key.key_spec, key.key_usage)
    other = [operation for operation in terms.operations if operation not in allowed]
    if other:
        raise Validation(
            f"The operation {other[0]} is not valid for a grant on a key with key spec "
            f"{key.key_spec} and key usage {key.key_usage}."
        )
    constraints = terms.constraints
    bound = constraints.equals is not None or constraints.subset is not None
    if bound and key.key_spec != SYMMETRIC:
        raise Validation(
            "An encryption context constraint is valid only for symmetric encryption keys."
        )


def shown_constraints(constraints: GrantConstraints) -> shapes.GrantConstraints | None:
    """Constraints as ListGrants answers with them; None where there are none."""
    if constraints == GrantConstraints():
        return None
    return shapes.GrantConstraints(
        encryption_context_subset=_shown(constraints.subset),
        encryption_context_equals=_shown(constraints.equals),
        source_arn=constraints.source_arn,
    )


def with_known_principals(terms: GrantTerms, known: KnownPrincipals) -> GrantTerms:
    """The terms as they are stored, with users and roles by their unique IDs.

    Raises InvalidArn for a principal that does not exist.
    """
    named = [each for each in (terms.grantee, terms.retiring) if each is not None]
    for each in known.missing(each for each in named if account_of(each) is None):
        raise InvalidArn(f"ARN does not refer to a valid principal: {each}")
    return _renamed(terms, known.unique_id)


def shown_principals(terms: GrantTerms, known: KnownPrincipals) -> GrantTerms:
    """The terms as callers see them; principals who exist no more show as unique IDs."""
    return _renamed(terms, known.arn)


def check_principal(arn: str | None) -> None:
    """Raise InvalidArn unless it is the ARN of an account, user, role or session."""
    if arn is not None and account_of(arn) is None and not is_identity_arn(arn):
        raise InvalidArn(f"ARN does not refer to a valid principal: {arn}")


def _renamed(terms: GrantTerms, name: Renaming) -> GrantTerms:
    grantee, retiring = (
        each if each is None else name(each) or each for each in (terms.grantee, terms.retiring)
    )
    return replace(terms, grantee=grantee, retiring=retiring)


def _check_principals(request: shapes.CreateGrantRequest) -> None:
    if (request.grantee_principal is None) == (request.grantee_service_principal is None):
        raise Validation(
            "You must specify either GranteePrincipal or GranteeServicePrincipal, but not both."
        )
    if None not in (request.retiring_principal, request.retiring_service_principal):
        raise Validation(
            "You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both."
        )
    if request.grantee_service_principal is not None:
        _check_for_service(request)
    check_principal(request.grantee_principal)
    check_principal(request.retiring_principal)


def _check_for_service(request: shapes.CreateGrantRequest) -> None:
    if request.constraints is None or request.constraints.source_arn is None:
        raise Validation("A grant to a GranteeServicePrincipal must have a SourceArn constraint.")
    if request.retiring_principal is None and request.retiring_service_principal is None:
        raise Validation("A grant to a GranteeServicePrincipal must have a retiring principal.")


def _constraints(given: shapes.GrantConstraints | None) -> GrantConstraints:
    if given is None:
        return GrantConstraints()
    equals, subset = given.encryption_context_equals, given.encryption_context_subset
    if equals is not None and subset is not None:
        raise Validation("More than one constraint supplied")
    return GrantConstraints(_pairs(equals), _pairs(subset), given.source_arn)


def _pairs(given: Mapping[str, str] | None) -> Pairs | None:
    if given is None:
        return None
    if len(given) > PAIRS_MOST:
        raise Validation(f"A grant constraint can have at most {PAIRS_MOST} pairs.")
    if any(len(value) > VALUE_CHARACTERS_MOST for value in given.values()):
        raise Validation(
            f"A value in a grant constraint can have at most {VALUE_CHARACTERS_MOST} characters."
        )
    return tuple(sorted(given.items()))


def _shown(pairs: Pairs | None) -> dict[str, str] | None:
    return None if pairs is None else dict(pairs)

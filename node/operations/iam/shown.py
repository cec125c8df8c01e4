"""How IAM shows users, groups, roles and policies.

Policy documents are percent-encoded (IAM API Reference, GetRole: "URL-encoded compliant with RFC
3986").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from node.directory.book import Book
from node.directory.entity import Entity
from node.directory.managed import AwsPolicy
from node.directory.parts import Version
from node.model.principal import Principal
from node.operations.iam import tagging
from node.wire.shapes.iam import structures

UNKNOWN_DATE: Final = 0.0
"""Of users that the settings, or a seed, gave: they are there from the start."""


def user(book: Book, found: Entity | Principal, *, tags: bool = False) -> structures.User:
    """A user; lists leave the tags out."""
    if isinstance(found, Principal):
        return structures.User(
            path=f"/{found.arn.partition('/')[2]}".rpartition("/")[0] + "/",
            user_name=found.arn.rpartition("/")[2],
            user_id=found.principal_id,
            arn=found.arn,
            create_date=UNKNOWN_DATE,
        )
    return structures.User(
        path=found.claim.path,
        user_name=book.name_of(found),
        user_id=found.unique_id,
        arn=book.arn_of(found),
        create_date=found.created,
        tags=tagging.shapes(found.tags) if tags else None,
    )


def group(book: Book, found: Entity) -> structures.Group:
    """A group."""
    return structures.Group(
        path=found.claim.path,
        group_name=book.name_of(found),
        group_id=found.unique_id,
        arn=book.arn_of(found),
        create_date=found.created,
    )


def role(book: Book, found: Entity, trust: str, *, tags: bool = False) -> structures.Role:
    """A role, with its trust policy; lists leave the tags out."""
    return structures.Role(
        path=found.claim.path,
        role_name=book.name_of(found),
        role_id=found.unique_id,
        arn=book.arn_of(found),
        create_date=found.created,
        assume_role_policy_document=document(trust),
        description=found.about.description or None,
        max_session_duration=found.about.max_session_seconds,
        tags=tagging.shapes(found.tags) if tags else None,
    )


def policy(
    book: Book, found: Entity | AwsPolicy, account: str, *, alone: bool = False
) -> structures.Policy:
    """A managed policy; lists leave its description and tags out."""
    if isinstance(found, AwsPolicy):
        description, updated, tags = found.description, found.updated, None
    else:
        description, tags = found.about.description, tagging.shapes(found.tags)
        updated = max((each.created for each in found.versions.values()), default=found.created)
    return structures.Policy(
        policy_name=book.policy_name(found),
        policy_id=found.unique_id,
        arn=book.policy_arn(found),
        path=path(found),
        default_version_id=versions(found)[1],
        attachment_count=len(book.attached_to(found, account)),
        permissions_boundary_usage_count=0,
        is_attachable=True,
        description=(description or None) if alone else None,
        create_date=found.created,
        update_date=updated,
        tags=tags if alone else None,
    )


def version(
    found: Version, version_id: str, default: str, *, alone: bool = False
) -> structures.PolicyVersion:
    """A version of a managed policy; lists leave its document out."""
    return structures.PolicyVersion(
        document=document(found.document) if alone else None,
        version_id=version_id,
        is_default_version=version_id == default,
        create_date=found.created,
    )


def versions(found: Entity | AwsPolicy) -> tuple[Mapping[str, Version], str]:
    """The versions of a managed policy, the newest first, and which one is the default."""
    if isinstance(found, AwsPolicy):
        return {found.version: Version(found.document, found.updated)}, found.version
    return found.versions, found.default_version


def path(found: Entity | AwsPolicy) -> str:
    """The path of a managed policy."""
    return found.path if isinstance(found, AwsPolicy) else found.claim.path


def attached(book: Book, found: Entity | AwsPolicy) -> structures.AttachedPolicy:
    """A managed policy where it is attached."""
    return structures.AttachedPolicy(
        policy_name=book.policy_name(found), policy_arn=book.policy_arn(found)
    )


def document(text: str) -> str:
    """A policy document as responses have it."""
    return quote(text, safe="")

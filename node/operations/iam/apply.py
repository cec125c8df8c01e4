"""Keyspan.ApplyPrincipals: the principals of an account, made what a file says, in one transaction.

Idempotent: what is so already is left alone, and says nothing. For administrators of the cluster,
who may so make principals in other accounts too, with access keys that are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from node.access.document import identity_policy
from node.directory.book import reference
from node.directory.entity import FIRST_VERSION, Entity
from node.directory.parts import About, Kind, Made, Part, Text, Version
from node.model.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from node.operations.iam import limits, tagging
from node.operations.iam.desk import NOUNS
from node.operations.iam.draft import Draft
from node.operations.iam.roles import checked_trust
from node.operations.iam.wanted import (
    ApplyPrincipalsRequest,
    ApplyPrincipalsResponse,
    Wanted,
    WantedGroup,
    WantedKey,
    WantedPolicy,
    WantedRole,
    WantedUser,
)
from node.operations.services import Services
from node.sessions.keys import is_of_sessions
from node.wire.messages import Call
from node.wire.shapes.iam.structures import Tag

ACTION: Final = "keyspan:ApplyPrincipals"
Entry: TypeAlias = WantedPolicy | WantedGroup | WantedUser | WantedRole


class Application:
    """The operation, in one region."""

    def __init__(self, services: Services, new_unique_id: Callable[[Kind], str]) -> None:
        self._services = services
        self._new_unique_id = new_unique_id

    async def apply_principals(
        self, call: Call, request: ApplyPrincipalsRequest
    ) -> ApplyPrincipalsResponse:
        """Make it so, or tell what would be done."""
        services = self._services
        await services.access.on_cluster(call, ACTION, request)
        account = request.wanted.account or call.principal.account
        async with services.store.transaction() as transaction:
            facts = [each for each in await transaction.all_facts() if not is_of_sessions(each.key)]
            lasting = await services.view.lasting_principals()
            draft = Draft(facts, account, lasting, services.clock.now(), self._new_unique_id)
            changes = applied(draft, request.wanted, prune=request.prune)
            if draft.facts and not request.dry_run:
                await services.directory.change(transaction, draft.facts)
        return ApplyPrincipalsResponse(account, changes)


def applied(draft: Draft, wanted: Wanted, *, prune: bool) -> list[str]:
    """Put into the draft whatever is not so yet; returns a phrase for each entity that changes.

    Raises what the operations of IAM would raise.
    """
    lists: Mapping[Kind, Sequence[Entry]] = {
        Kind.POLICY: wanted.policies,
        Kind.GROUP: wanted.groups,
        Kind.USER: wanted.users,
        Kind.ROLE: wanted.roles,
    }
    told: list[str] = []
    if prune:
        named = {kind: {each.name.lower() for each in listed} for kind, listed in lists.items()}
        told += _pruned(draft, named)
    entries = [(kind, entry) for kind, listed in lists.items() for entry in listed]
    made = {(kind, entry.name) for kind, entry in entries if _made(draft, kind, entry)}
    for kind, entry in entries:
        _filled(draft, kind, entry)
        if (kind, entry.name) in made:
            told.append(f"{NOUNS[kind]} {entry.name} made")
        elif _touched(draft, kind, entry.name):
            told.append(f"{NOUNS[kind]} {entry.name} changed")
    return told


def _filled(draft: Draft, kind: Kind, entry: Entry) -> None:
    """Make what is in an entity that is there what is wanted of it."""
    match entry:
        case WantedPolicy():
            _policy(draft, entry)
        case WantedGroup():
            _permissions(draft, kind, entry)
        case WantedUser():
            _user(draft, entry)
        case WantedRole():
            _role(draft, entry)


def _pruned(draft: Draft, named: Mapping[Kind, set[str]]) -> list[str]:
    """Delete whoever is not named, and all that hangs on them."""
    told = []
    for kind in named:
        for entity in draft.book.listed(draft.account, kind):
            name = draft.book.name_of(entity)
            if name.lower() not in named[kind]:
                draft.let_go(entity)
                told.append(f"{NOUNS[kind]} {name} deleted")
    return told


def _made(draft: Draft, kind: Kind, wanted: Entry) -> bool:
    """Make an entity, or move it to its path; whether it was not there."""
    found = draft.book.named(draft.account, kind, wanted.name)
    if found is not None:
        path = wanted.path or found.claim.path
        if (draft.book.name_of(found), found.claim.path) != (wanted.name, path):
            draft.rename(found, wanted.name, path)
        return False
    if isinstance(wanted, WantedRole) and wanted.trust is None:
        raise InvalidInput(f"The role {wanted.name} has no trust policy, and is not there yet.")
    unique_id = draft.make(kind, wanted.name, wanted.path or "/")
    if isinstance(wanted, WantedPolicy):
        draft.put(unique_id, Part.VERSION, Version(wanted.document, draft.now), FIRST_VERSION)
        draft.put(unique_id, Part.DEFAULT, Text(FIRST_VERSION))
    return True


def _touched(draft: Draft, kind: Kind, name: str) -> bool:
    """Whether the draft has a fact about an entity."""
    unique_id = draft.one(kind, name).unique_id
    return any(each.key[:2] == (draft.account, unique_id) for each in draft.facts)


def _policy(draft: Draft, wanted: WantedPolicy) -> None:
    limits.check_managed(wanted.document)
    identity_policy(wanted.document)
    policy = draft.one(Kind.POLICY, wanted.name)
    _about(draft, policy, wanted.description, None)
    if draft.book.document_of(policy) == wanted.document:
        return
    if len(policy.versions) >= limits.VERSIONS_MOST:
        oldest = next(
            each for each in reversed(tuple(policy.versions)) if each != policy.default_version
        )
        draft.take_back(policy, Part.VERSION, oldest)
    version_id = f"v{policy.last_version + 1}"
    draft.put(policy.unique_id, Part.VERSION, Version(wanted.document, draft.now), version_id)
    draft.put(policy.unique_id, Part.DEFAULT, Text(version_id))


def _user(draft: Draft, wanted: WantedUser) -> None:
    user = draft.one(Kind.USER, wanted.name)
    _tags(draft, user, wanted.tags)
    if wanted.groups is not None:
        groups = {draft.one(Kind.GROUP, each).unique_id for each in wanted.groups}
        limits.check_groups(len(groups) - 1)
        _exactly(draft, user, Part.MEMBER, groups)
    _permissions(draft, Kind.USER, wanted)
    if wanted.access_keys is not None:
        limits.check_access_keys(len(wanted.access_keys) - 1)
        for key in wanted.access_keys:
            _access_key(draft, user, key)
        named = {each.id for each in wanted.access_keys}
        for access_key_id in user.access_keys.keys() - named:
            draft.take_back(user, Part.KEY, access_key_id)


def _access_key(draft: Draft, user: Entity, wanted: WantedKey) -> None:
    owner = draft.book.owner(wanted.id)
    if owner is not None and owner is not user:
        raise EntityAlreadyExists(f"The access key {wanted.id} is another user's.")
    secret = wanted.secret.encode()
    if wanted.id not in user.access_keys or draft.secret(user, wanted.id) != secret:
        draft.put(user.unique_id, Part.KEY, Made(draft.now), wanted.id, secret=secret)
    if user.status(wanted.id) != wanted.status:
        draft.put(user.unique_id, Part.STATUS, Text(wanted.status), wanted.id)


def _role(draft: Draft, wanted: WantedRole) -> None:
    role = draft.one(Kind.ROLE, wanted.name)
    _tags(draft, role, wanted.tags)
    _about(draft, role, wanted.description, wanted.max_session_seconds)
    if wanted.trust is not None:
        trust = checked_trust(draft.known, wanted.trust)
        if trust != role.trust:
            draft.put(role.unique_id, Part.TRUST, Text(trust))
    _permissions(draft, Kind.ROLE, wanted)


def _permissions(draft: Draft, kind: Kind, wanted: WantedUser | WantedGroup | WantedRole) -> None:
    """The attached and the inline policies."""
    entity = draft.one(kind, wanted.name)
    if wanted.attached is not None:
        attached = {_reference(draft, each) for each in wanted.attached}
        limits.check_attached(kind, len(attached) - 1)
        _exactly(draft, entity, Part.ATTACHED, attached)
    if wanted.policies is None:
        return
    limits.check_inline(kind, wanted.name, wanted.policies.values())
    for name, document in wanted.policies.items():
        identity_policy(document)
        if entity.inline.get(name) != document:
            draft.put(entity.unique_id, Part.INLINE, Text(document), name)
    for name in entity.inline.keys() - wanted.policies.keys():
        draft.take_back(entity, Part.INLINE, name)


def _reference(draft: Draft, named: str) -> str:
    """A managed policy that is named by its ARN, or by its name in the account."""
    if named.startswith("arn:"):
        return reference(draft.policy(named))
    found = draft.book.named(draft.account, Kind.POLICY, named)
    if found is None:
        raise NoSuchEntity(f"Policy {named} does not exist or is not attachable.")
    return found.unique_id


def _exactly(draft: Draft, entity: Entity, part: Part, wanted: set[str]) -> None:
    held = set(entity.subs(part))
    for each in sorted(wanted - held):
        draft.put(entity.unique_id, part, Made(draft.now), each)
    for each in sorted(held - wanted):
        draft.take_back(entity, part, each)


def _tags(draft: Draft, entity: Entity, wanted: Mapping[str, str] | None) -> None:
    if wanted is None:
        return
    tags = tagging.checked([Tag(key=key, value=value) for key, value in wanted.items()])
    draft.tag(entity.unique_id, tuple(each for each in tags if each not in entity.tags))
    for key in set(entity.subs(Part.TAG)) - {key.lower() for key, _ in tags}:
        draft.take_back(entity, Part.TAG, key)


def _about(draft: Draft, entity: Entity, description: str | None, seconds: int | None) -> None:
    held = entity.about
    wanted = About(
        held.description if description is None else description,
        held.max_session_seconds if seconds is None else seconds,
    )
    if wanted != held:
        draft.put(entity.unique_id, Part.ABOUT, wanted)

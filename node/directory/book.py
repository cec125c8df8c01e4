"""The directory as it is read: entities by ID and by name, and what follows from their facts.

A pure function of the facts, in whatever order they come: two regions that have heard the same
facts answer everything alike. What hangs on an entity that exists no more counts for nothing.

Names. Two regions that are cut off from each other may each make a user of one name. Then the one
that was made first (of two at once, the one with the lower unique ID) has the name in every region,
and the other is called by the name with its unique ID appended, until it is renamed, or the name is
free. Nothing that either region did is lost, and neither user gets what is the other's: policies
are attached to unique IDs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from node.directory.entity import ACTIVE, Entity
from node.directory.managed import MANAGED, AwsPolicy
from node.directory.parts import (
    Kind,
    Name,
    NotOfTheDirectory,
    Part,
    key_of,
    packed,
    parsed_key,
    unpacked,
)
from node.model.arn import PARTITION
from node.model.principal import AttachedPolicy, Principal
from replication.directory import FactChange
from replication.facts import Fact, Key

NAME_MOST: Final = {Kind.USER: 64, Kind.GROUP: 128, Kind.ROLE: 64, Kind.POLICY: 128}
"""Characters of a name (IAM API Reference)."""

DENIES_ALL: Final = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
)
"""Stands for a policy whose versions were all deleted, by regions that did not hear each other."""

_WORDS: Final = {
    Kind.USER: "user",
    Kind.GROUP: "group",
    Kind.ROLE: "role",
    Kind.POLICY: "policy",
}
_BACKWARD: Final = (Part.ATTACHED, Part.MEMBER, Part.KEY)
logger = logging.getLogger(__name__)


class Book:
    """Every fact of the directory, ready to be asked."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._entities: dict[str, dict[str, Entity]] = {}  # by unique ID, then by account
        self._claims: dict[tuple[str, Kind, str], set[Entity]] = {}
        self._backward: dict[tuple[Part, str], set[Entity]] = {}
        for each in facts:
            self.put(each)

    def put(self, fact: Fact) -> None:
        """Take over a fact, in the place of what was known of its key."""
        self.tell(fact.key, fact.value)

    def tell(self, key: Key, packed_value: bytes | None) -> None:
        """Take over what a fact says."""
        try:
            account, unique_id, part, sub = parsed_key(key)
            value = None if packed_value is None else unpacked(part, packed_value)
        except NotOfTheDirectory:
            logger.warning("a fact of the directory cannot be read, and is passed over")
            return
        held = self._entities.setdefault(unique_id, {})
        entity = held.get(account) or held.setdefault(account, Entity(account, unique_id))
        self._unclaim(entity)
        entity.put(part, sub, value)
        self._claim(entity)
        if part in _BACKWARD:
            known = self._backward.setdefault((part, sub), set())
            known.discard(entity) if value is None else known.add(entity)

    # Names and ARNs

    def entity(self, unique_id: str) -> Entity | None:
        """The entity with a unique ID, if it exists."""
        held = self._entities.get(unique_id, {})
        living = [held[account] for account in sorted(held) if held[account].lives]
        return living[0] if living else None

    def named(self, account: str, kind: Kind, name: str) -> Entity | None:
        """The entity that has this name; names that differ in case alone are one."""
        for found in (self._holder(account, kind, name), self._of_suffix(name)):
            if found is None or (found.account, found.kind) != (account, kind):
                continue
            if self.name_of(found).lower() == name.lower():
                return found
        return None

    def name_of(self, entity: Entity) -> str:
        """How an entity is called: as it claims, unless an older one is called so."""
        claimed = entity.claim.name
        marked = self._of_suffix(claimed)
        if marked is entity:
            return claimed
        if marked is None and self._holder(entity.account, entity.kind, claimed) is entity:
            return claimed
        most = NAME_MOST[entity.kind] - len(entity.unique_id) - 1
        return f"{claimed[:most]}-{entity.unique_id}"

    def arn_of(self, entity: Entity) -> str:
        """The ARN of an entity."""
        word, path = _WORDS[entity.kind], entity.claim.path
        return f"arn:{PARTITION}:iam::{entity.account}:{word}{path}{self.name_of(entity)}"

    def at_arn(self, arn: str) -> Entity | None:
        """The entity with this very ARN."""
        parts = arn.split(":", 5)
        if len(parts) != 6:
            return None
        word, _, name = parts[5].partition("/")
        kinds = [kind for kind, each in _WORDS.items() if each == word]
        found = self.named(parts[4], kinds[0], name.rpartition("/")[2]) if kinds else None
        return found if found is not None and self.arn_of(found) == arn else None

    def names_settled(self, account: str, kind: Kind, name: str) -> list[FactChange]:
        """What writes down how those are called who claim this name and do not have it: before the
        one who has it is renamed or deleted, so that nobody steps into the place.
        """
        claiming = self._claims.get((account, kind, name.lower()), set())
        return [
            FactChange(
                key_of(account, each.unique_id, Part.NAME),
                packed(Name(self.name_of(each), each.claim.path)),
            )
            for each in sorted(claiming, key=lambda entity: entity.unique_id)
            if self.name_of(each) != each.claim.name
        ]

    def listed(self, account: str, kind: Kind, prefix: str = "/") -> list[Entity]:
        """The entities of an account whose paths begin so, by name."""
        found = [
            each
            for (owner, claimed, _), claiming in self._claims.items()
            if owner == account and claimed is kind
            for each in claiming
            if each.claim.path.startswith(prefix)
        ]
        return sorted(found, key=lambda entity: self.name_of(entity).lower())

    def accounts(self) -> frozenset[str]:
        """The accounts that have an entity."""
        return frozenset(account for account, _, _ in self._claims)

    # What hangs on what

    def groups_of(self, user: Entity) -> list[Entity]:
        """The groups of a user, by name."""
        held = [self.entity(each) for each in user.groups]
        found = [each for each in held if each is not None and each.account == user.account]
        return sorted(found, key=lambda entity: self.name_of(entity).lower())

    def members_of(self, group: Entity) -> list[Entity]:
        """The users of a group, by name."""
        return self._behind(Part.MEMBER, group.unique_id, group.account)

    def attached_to(self, policy: Entity | AwsPolicy, account: str) -> list[Entity]:
        """The users, groups and roles of an account that a policy is attached to, by name."""
        return self._behind(Part.ATTACHED, reference(policy), account)

    def attachments_of(self, entity: Entity) -> list[Entity | AwsPolicy]:
        """The managed policies that are attached to a user, group or role, by name."""
        held = [self._policy(each, entity.account) for each in entity.attached]
        found = [each for each in held if each is not None]
        return sorted(found, key=lambda policy: self.policy_name(policy).lower())

    def policy_at(self, arn: str, account: str) -> Entity | AwsPolicy | None:
        """The managed policy with this ARN, of AWS or of an account."""
        known = MANAGED.get(arn)
        if known is not None:
            return known
        found = self.at_arn(arn)
        if found is None or found.kind is not Kind.POLICY or found.account != account:
            return None
        return found

    def policy_name(self, policy: Entity | AwsPolicy) -> str:
        """The name of a managed policy."""
        return policy.name if isinstance(policy, AwsPolicy) else self.name_of(policy)

    def policy_arn(self, policy: Entity | AwsPolicy) -> str:
        """The ARN of a managed policy."""
        return policy.arn if isinstance(policy, AwsPolicy) else self.arn_of(policy)

    # Who calls, and what policies the caller has

    def owner(self, access_key_id: str) -> Entity | None:
        """The user whose access key this is; of two, the one who had it first."""
        held = self._backward.get((Part.KEY, access_key_id), ())
        owners = [each for each in held if each.lives and each.kind is Kind.USER]
        return min(
            owners,
            key=lambda user: (
                user.access_keys[access_key_id].created,
                user.unique_id,
                user.account,
            ),
            default=None,
        )

    def is_active(self, access_key_id: str) -> bool:
        """Whether calls may be signed by an access key."""
        owner = self.owner(access_key_id)
        return owner is not None and owner.status(access_key_id) == ACTIVE

    def principal(self, user: Entity) -> Principal:
        """A user as a caller."""
        arn = self.arn_of(user)
        return Principal(user.account, arn, user.unique_id, "IAMUser", tags=user.tags)

    def known_as(self, caller: Principal) -> Principal:
        """A caller who is told by an ARN alone, with the unique ID and the tags that go with it."""
        account, session = caller.account, caller.session
        if session is None:
            user = self.at_arn(caller.arn)
            return caller if user is None or user.kind is not Kind.USER else self.principal(user)
        role = self.at_arn(session.issuer)
        if role is None:  # the ARN of a session does not have the path of its role
            role = self.named(account, Kind.ROLE, session.issuer.rpartition("/")[2])
        if role is None or role.kind is not Kind.ROLE:
            return caller
        return replace(
            caller,
            principal_id=f"{role.unique_id}:{caller.arn.rpartition('/')[2]}",
            tags=role.tags,
            session=replace(session, issuer=self.arn_of(role)),
        )

    def policies_of(self, entity: Entity) -> tuple[AttachedPolicy, ...]:
        """Every identity policy of a user or role: its own, and those of its groups."""
        groups = self.groups_of(entity) if entity.kind is Kind.USER else []
        found = list(self._own_policies(entity, ""))
        for group in groups:
            found += self._own_policies(group, f"{self.name_of(group)}/")
        return tuple(found)

    def document_of(self, policy: Entity | AwsPolicy) -> str:
        """The document of a managed policy: that of its default version."""
        if isinstance(policy, AwsPolicy):
            return policy.document
        version = policy.versions.get(policy.default_version)
        return DENIES_ALL if version is None else version.document

    def _own_policies(self, entity: Entity, prefix: str) -> Iterator[AttachedPolicy]:
        for name, document in entity.inline.items():
            yield AttachedPolicy(f"{prefix}{name}", document)
        for policy in self.attachments_of(entity):
            yield AttachedPolicy(self.policy_arn(policy), self.document_of(policy))

    def _policy(self, named: str, account: str) -> Entity | AwsPolicy | None:
        """The policy that an attachment names."""
        known = MANAGED.get(named)
        if known is not None:
            return known
        found = self.entity(named)
        if found is None or (found.account, found.kind) != (account, Kind.POLICY):
            return None
        return found

    def _behind(self, part: Part, sub: str, account: str) -> list[Entity]:
        held = self._backward.get((part, sub), ())
        found = [each for each in held if each.lives and each.account == account]
        return sorted(found, key=lambda entity: (self.name_of(entity).lower(), entity.unique_id))

    def _holder(self, account: str, kind: Kind, name: str) -> Entity | None:
        claiming: Sequence[Entity] = tuple(self._claims.get((account, kind, name.lower()), ()))
        return min(claiming, key=lambda each: (each.created, each.unique_id), default=None)

    def _of_suffix(self, name: str) -> Entity | None:
        """The entity whose unique ID a name ends with; nobody else is called so."""
        return self.entity(name.rpartition("-")[2].upper()) if "-" in name else None

    def _claim(self, entity: Entity) -> None:
        if entity.lives:
            self._claims.setdefault(_claimed(entity), set()).add(entity)

    def _unclaim(self, entity: Entity) -> None:
        if not entity.lives:
            return
        claiming = self._claims[_claimed(entity)]
        claiming.discard(entity)
        if not claiming:
            del self._claims[_claimed(entity)]


def reference(policy: Entity | AwsPolicy) -> str:
    """How an attachment names a managed policy."""
    return policy.arn if isinstance(policy, AwsPolicy) else policy.unique_id


def _claimed(entity: Entity) -> tuple[str, Kind, str]:
    return entity.account, entity.kind, entity.claim.name.lower()

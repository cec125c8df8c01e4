"""One user, group, role or policy: its parts, as the facts tell them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from node.directory.parts import (
    About,
    Kind,
    Made,
    Name,
    Part,
    Tag,
    Version,
    kind_of,
)

FIRST_VERSION: Final = "v1"
INACTIVE: Final = "Inactive"
ACTIVE: Final = "Active"
_VERSION: Final = re.compile(r"v([1-9][0-9]{0,8})", re.ASCII)
_NONE: Final[Mapping[str, Any]] = {}


class Entity:
    """What is known of an entity. Changed by the book alone."""

    __slots__ = ("_parts", "account", "kind", "last_version", "unique_id")

    def __init__(self, account: str, unique_id: str) -> None:
        self.account = account
        self.unique_id = unique_id
        self.kind: Kind = kind_of(unique_id)
        self.last_version = 0  # the highest number that a version ever had
        self._parts: dict[Part, dict[str, Any]] = {}

    def put(self, part: Part, sub: str, value: Any) -> None:
        """Take over a value; None for what was taken back."""
        if part is Part.VERSION:
            self.last_version = max(self.last_version, version_number(sub))
        held = self._parts.setdefault(part, {})
        if value is None:
            held.pop(sub, None)
        else:
            held[sub] = value

    @property
    def lives(self) -> bool:
        """Whether it exists."""
        return bool(self._of(Part.MADE)) and bool(self._of(Part.NAME))

    @property
    def created(self) -> float:
        """Since when it exists (epoch seconds)."""
        made: Made = self._of(Part.MADE)[""]
        return made.created

    @property
    def claim(self) -> Name:
        """The name that it is to have; another one may have it before (book.name_of)."""
        name: Name = self._of(Part.NAME)[""]
        return name

    @property
    def about(self) -> About:
        """Its description, and how long sessions of it may last."""
        about: About = self._of(Part.ABOUT).get("") or About()
        return about

    @property
    def trust(self) -> str:
        """The trust policy of a role; empty, which lets nobody in, where it has none."""
        trust = self._of(Part.TRUST).get("")
        return "" if trust is None else str(trust.text)

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        """Its tags, by key."""
        tags: list[Tag] = list(self._of(Part.TAG).values())
        return tuple(sorted((each.key, each.value) for each in tags))

    @property
    def inline(self) -> Mapping[str, str]:
        """Its inline policies: documents by name, in order."""
        return {name: text.text for name, text in sorted(self._of(Part.INLINE).items())}

    @property
    def attached(self) -> tuple[str, ...]:
        """What is attached: unique IDs of policies, and ARNs of AWS's. Some may exist no more."""
        return tuple(sorted(self._of(Part.ATTACHED)))

    @property
    def groups(self) -> Mapping[str, Made]:
        """The unique IDs of a user's groups. Some may exist no more."""
        return self._of(Part.MEMBER)

    @property
    def access_keys(self) -> Mapping[str, Made]:
        """The access keys of a user, by ID."""
        return dict(sorted(self._of(Part.KEY).items()))

    def status(self, access_key_id: str) -> Literal["Active", "Inactive"]:
        """Whether an access key is Active or Inactive."""
        told = self._of(Part.STATUS).get(access_key_id)
        return ACTIVE if told is None or told.text == ACTIVE else INACTIVE

    @property
    def versions(self) -> Mapping[str, Version]:
        """The versions of a policy by ID, the newest first."""
        held = self._of(Part.VERSION)
        return {name: held[name] for name in sorted(held, key=version_number, reverse=True)}

    @property
    def default_version(self) -> str:
        """The ID of the version that counts: the one named, or else the newest that there is.

        Two regions may at once make a version the default and delete it.
        """
        named = self._of(Part.DEFAULT).get("")
        versions = self.versions
        if named is not None and named.text in versions:
            return str(named.text)
        return next(iter(versions), FIRST_VERSION)

    def subs(self, part: Part) -> tuple[str, ...]:
        """Which facts there are of a part."""
        return tuple(self._of(part))

    def _of(self, part: Part) -> Mapping[str, Any]:
        return self._parts.get(part, _NONE)


def version_number(version_id: str) -> int:
    """The number of a version; 0 for what is none."""
    found = _VERSION.fullmatch(version_id)
    return 0 if found is None else int(found[1])

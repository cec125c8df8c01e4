"""Which properties a set of related keys shares, and their value (KMS: "shared properties").

Everything else about a key (policy, aliases, tags, description, state, deletion) is independent in
each region and never appears here (decision D8). Only the primary key's region makes new versions.
Source: kms-semantics part a; AWS KMS Developer Guide, "Multi-Region keys".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from replication.errors import Malformed
from replication.materials import Materials
from replication.packing import (
    pack_materials,
    pack_unknown,
    typed,
    unpack_materials,
    unpack_unknown,
)
from replication.position import Version

EXTERNAL: Final = "EXTERNAL"
"""The origin of a key whose material its owner imports into each region (KMS: OriginType)."""


@dataclass(frozen=True, slots=True)
class SharedState:
    """The shared properties of one set of related keys, at one version.

    `replicas` are sorted, and never have the primary. `votes` are the log entries, of a majority of
    regions, that voted for the primary at this epoch (votes.py); none if it did not become primary
    so. `unknown` keeps the packed fields that a newer node added, so that they survive this one.
    """

    account: str
    key_id: str
    key_spec: str
    key_usage: str
    origin: str
    version: Version
    primary: str
    replicas: tuple[str, ...]
    materials: Materials
    unknown: bytes = b""
    votes: tuple[bytes, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that holds one of the related keys, the primary's first."""
        return (self.primary, *self.replicas)

    @property
    def material_travels(self) -> bool:
        """Whether regions send each other the key's material: not if it is imported."""
        return self.origin != EXTERNAL

    @property
    def needed(self) -> frozenset[str]:
        """The materials that a region is sent before it holds a key of the set."""
        return self.materials.needed if self.material_travels else frozenset()

    def led_alike(self, other: SharedState) -> bool:
        """Whether both have the same primary, by the same change of primary."""
        return (self.version.epoch, self.primary) == (other.version.epoch, other.primary)

    def same_key(self, other: SharedState) -> bool:
        """Whether both agree in what never changes about a key."""
        return all(getattr(self, name) == getattr(other, name) for name in _CONSTANTS)

    def supersedes(self, other: SharedState) -> bool:
        """Whether a region that knows `other` must take this over (D6).

        A higher epoch wins. Two primaries of one epoch, which only forced promotions can make, are
        decided alike everywhere: one that a majority voted for wins, and else the region whose name
        sorts first.
        """
        if self.version.epoch != other.version.epoch:
            return self.version.epoch > other.version.epoch
        if self.primary != other.primary:
            if bool(self.votes) != bool(other.votes):
                return bool(self.votes)
            return self.primary < other.primary
        return self.version.revision > other.version.revision

    def with_replica(self, region: str) -> SharedState:
        """The next version, in which `region` holds a replica key."""
        if region in self.regions:
            raise ValueError(f"{region} already holds a related key")
        return self._next(replicas=tuple(sorted((*self.replicas, region))))

    def without_replica(self, region: str) -> SharedState:
        """The next version, in which `region` no longer holds a replica key."""
        if region not in self.replicas:
            raise ValueError(f"{region} holds no replica key")
        return self._next(
            replicas=tuple(each for each in self.replicas if each != region),
            materials=self.materials.import_told(region, held=False),
        )

    def without(self, regions: Collection[str]) -> SharedState:
        """The same version, in which none of these regions holds a replica key."""
        left = tuple(each for each in self.replicas if each not in regions)
        return self if left == self.replicas else replace(self, replicas=left)

    def with_materials(self, materials: Materials) -> SharedState:
        """The next version, with other materials or another rotation."""
        return self._next(materials=materials)

    def with_primary(
        self, region: str, *, epoch: int | None = None, votes: tuple[bytes, ...] = ()
    ) -> SharedState:
        """The first version of the next epoch, or of a later one, in which `region` holds the
        primary (D6).
        """
        if region not in self.replicas:
            raise ValueError(f"{region} holds no replica key")
        others = (each for each in self.regions if each != region)
        return replace(
            self,
            primary=region,
            replicas=tuple(sorted(others)),
            version=self.version.next_epoch(epoch),
            votes=votes,
        )

    def handed_back(self, region: str, without: str, version: Version | None = None) -> SharedState:
        """For a handover to a region that holds no key: `region` leads again, in the next epoch, or
        as another version says.
        """
        replicas = (each for each in self.regions if each not in (region, without))
        return replace(
            self,
            primary=region,
            replicas=tuple(sorted(replicas)),
            version=version or self.version.next_epoch(),
            votes=(),
        )

    def _next(self, **changes: Any) -> SharedState:
        return replace(self, version=self.version.next_revision(), **changes)


def first_version(
    *,
    account: str,
    key_id: str,
    key_spec: str,
    key_usage: str,
    origin: str,
    region: str,
    materials: Materials,
) -> SharedState:
    """The shared state of a multi-Region primary key at its creation in `region`."""
    return SharedState(
        account=account,
        key_id=key_id,
        key_spec=key_spec,
        key_usage=key_usage,
        origin=origin,
        version=Version(epoch=1, revision=1),
        primary=region,
        replicas=(),
        materials=materials,
    )


_CONSTANTS: Final = ("account", "key_id", "key_spec", "key_usage", "origin")
_TEXTS: Final = (*_CONSTANTS, "primary")


def pack_shared(shared: SharedState) -> dict[str, Any]:
    """The state as a map of plain values, for an entry or a store."""
    known: dict[str, Any] = {name: getattr(shared, name) for name in _TEXTS}
    known["epoch"] = shared.version.epoch
    known["revision"] = shared.version.revision
    known["replicas"] = list(shared.replicas)
    known["materials"] = pack_materials(shared.materials)
    if shared.votes:
        known["votes"] = list(shared.votes)
    return {**unpack_unknown(shared.unknown), **known}


def unpack_shared(fields: Mapping[str, Any]) -> SharedState:
    """The state from a map of plain values.

    Raises Malformed when a field is missing or of a wrong type.
    """
    rest = dict(fields)
    try:
        known = {name: typed(str, rest.pop(name)) for name in _TEXTS}
        version = Version(typed(int, rest.pop("epoch")), typed(int, rest.pop("revision")))
        replicas = tuple(typed(str, each) for each in typed(list, rest.pop("replicas")))
        materials = unpack_materials(typed(dict, rest.pop("materials")))
        votes = _unpack_votes(rest.pop("votes")) if "votes" in rest else ()
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("shared state: a field is missing or wrong") from error
    return SharedState(
        **known,
        version=version,
        replicas=replicas,
        materials=materials,
        unknown=pack_unknown(rest),
        votes=votes,
    )


def _unpack_votes(value: Any) -> tuple[bytes, ...]:
    votes = tuple(typed(bytes, each) for each in typed(list, value))
    if not votes:
        raise ValueError("no votes are written as no field")
    return votes

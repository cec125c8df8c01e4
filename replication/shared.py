"""Which properties a set of related keys shares, and their value (KMS: "shared properties").

Everything else about a key (policy, aliases, tags, description, state, deletion) is independent in
each region and never appears here (decision D8). Only the primary key's region makes new versions.
Source: kms-semantics part a; AWS KMS Developer Guide, "Multi-Region keys".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgpack

from replication.errors import Malformed
from replication.position import Version


@dataclass(frozen=True, slots=True)
class SharedState:
    """The shared properties of one set of related keys, at one version.

    `materials` names every key material that was ever active, oldest first; it only grows (D6).
    `unknown` keeps the packed fields that a newer node added, so that they survive this one.
    """

    account: str
    key_id: str
    key_spec: str
    key_usage: str
    origin: str
    version: Version
    primary: str
    replicas: tuple[str, ...]
    materials: tuple[str, ...]
    current_material: str
    unknown: bytes = b""

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that holds one of the related keys, the primary's first."""
        return (self.primary, *self.replicas)

    def with_replica(self, region: str) -> SharedState:
        """The next version, in which `region` holds a replica key."""
        if region in self.regions:
            raise ValueError(f"{region} already holds a related key")
        replicas = tuple(sorted((*self.replicas, region)))
        return replace(self, replicas=replicas, version=self.version.next_revision())

    def without_replica(self, region: str) -> SharedState:
        """The next version, in which `region` no longer holds a replica key."""
        if region not in self.replicas:
            raise ValueError(f"{region} holds no replica key")
        replicas = tuple(each for each in self.replicas if each != region)
        return replace(self, replicas=replicas, version=self.version.next_revision())


def first_version(
    *,
    account: str,
    key_id: str,
    key_spec: str,
    key_usage: str,
    origin: str,
    region: str,
    material: str,
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
        materials=(material,),
        current_material=material,
    )


_FIELDS: Final = (
    ("account", str),
    ("key_id", str),
    ("key_spec", str),
    ("key_usage", str),
    ("origin", str),
    ("primary", str),
    ("current_material", str),
)


def pack_shared(shared: SharedState) -> dict[str, Any]:
    """The state as a map of plain values, for an entry or a store."""
    known: dict[str, Any] = {name: getattr(shared, name) for name, _ in _FIELDS}
    known["epoch"] = shared.version.epoch
    known["revision"] = shared.version.revision
    known["replicas"] = list(shared.replicas)
    known["materials"] = list(shared.materials)
    unknown = msgpack.unpackb(shared.unknown) if shared.unknown else {}
    return {**unknown, **known}


def unpack_shared(fields: Mapping[str, Any]) -> SharedState:
    """The state from a map of plain values. Raises Malformed when a field is missing or of a wrong
    type.
    """
    rest = dict(fields)
    try:
        known = {name: _of(kind, rest.pop(name)) for name, kind in _FIELDS}
        version = Version(_of(int, rest.pop("epoch")), _of(int, rest.pop("revision")))
        replicas = tuple(_of(str, each) for each in _of(list, rest.pop("replicas")))
        materials = tuple(_of(str, each) for each in _of(list, rest.pop("materials")))
    except (KeyError, TypeError) as error:
        raise Malformed("shared state: a field is missing or of a wrong type") from error
    unknown: bytes = msgpack.packb(rest) if rest else b""
    return SharedState(
        **known, version=version, replicas=replicas, materials=materials, unknown=unknown
    )


def _of(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value

"""Offers: key material and first properties of a related key, sealed to one region (decision D4).

Each material is HPKE-sealed on its own, with origin, account, key and epoch bound as `info`
(receiver and material are bound by crypto.identity); so it opens nowhere else and for nothing else.
The properties (policy, description, tags) are sealed too: they are the receiver's business only
(decision D8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgpack

from crypto.errors import SealError
from crypto.identity import PublicIdentity, RegionIdentity, binding
from crypto.material import KeyMaterial
from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT
from replication.errors import Malformed, Unauthentic
from replication.payloads import Offer, SealedMaterial
from replication.position import Position
from replication.shared import SharedState

_MATERIAL: Final = "keyspan offered material"
_PROPERTIES: Final = "keyspan offered properties"


@dataclass(frozen=True, slots=True)
class ReplicaProperties:
    """The independent properties that a replica key starts with; `tags` are (key, value) pairs.

    Without a policy the key gets the default key policy of its account.
    """

    description: str = ""
    policy: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What an offer is about; bound into every seal of it."""

    account: str
    key_id: str
    epoch: int
    key_spec: str = SYMMETRIC_DEFAULT.name  # in the material's ID, and so in its seal

    @classmethod
    def of(cls, shared: SharedState) -> Subject:
        """The subject of an offer that goes with a shared state."""
        return cls(shared.account, shared.key_id, shared.version.epoch, shared.key_spec)

    def info(self, what: str, origin: str) -> bytes:
        """The HPKE info of a seal by `origin`."""
        return binding(what, origin, self.account, self.key_id, self.epoch)


@dataclass(frozen=True, slots=True)
class OpenedOffer:
    """An offer whose seals were opened by its receiver."""

    as_of: Position
    properties: ReplicaProperties | None
    materials: tuple[KeyMaterial, ...]

    @property
    def ids(self) -> frozenset[str]:
        """The material IDs that it has."""
        return frozenset(each.material_id for each in self.materials)


def seal_offer(
    subject: Subject,
    materials: Sequence[KeyMaterial],
    *,
    origin: str,
    receiver: PublicIdentity,
    as_of: Position,
    properties: ReplicaProperties | None = None,
) -> Offer:
    """An offer of a key's materials, from the region `origin` to the receiver."""
    info = subject.info(_MATERIAL, origin)
    return Offer(
        region=receiver.region,
        as_of=as_of,
        properties=None
        if properties is None
        else receiver.seal(_packed(properties), subject.info(_PROPERTIES, origin)),
        materials=tuple(
            SealedMaterial(each.material_id, receiver.seal_material(each, info))
            for each in materials
        ),
    )


def open_offer(
    identity: RegionIdentity, origin: str, subject: Subject, offer: Offer
) -> OpenedOffer:
    """What `origin` offered to this region.

    Raises Unauthentic if a seal does not open, Malformed for a key spec that is not known here.
    """
    if subject.key_spec not in KEY_SPECS:
        raise Malformed(f"{subject.key_id} has a key spec that this node lacks; upgrade this node")
    info = subject.info(_MATERIAL, origin)
    try:
        properties = (
            None
            if offer.properties is None
            else identity.open(offer.properties, subject.info(_PROPERTIES, origin))
        )
        materials = tuple(
            identity.open_material(
                each.sealed, subject.key_id, each.material_id, info, subject.key_spec
            )
            for each in offer.materials
        )
    except SealError as error:
        raise Unauthentic(f"the offer of {subject.key_id} does not open") from error
    opened = None if properties is None else _unpack_properties(properties)
    return OpenedOffer(offer.as_of, opened, materials)


def _packed(properties: ReplicaProperties) -> bytes:
    packed: bytes = msgpack.packb([properties.description, properties.policy, properties.tags])
    return packed


def _unpack_properties(packed: bytes) -> ReplicaProperties:
    fields: Any = msgpack.unpackb(packed)
    try:
        description, policy, tags = fields
        return ReplicaProperties(description, policy, tuple((key, value) for key, value in tags))
    except (TypeError, ValueError) as error:
        raise Malformed("an offer with malformed properties") from error

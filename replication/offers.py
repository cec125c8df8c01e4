"""Offers: key material and first properties of a related key, sealed to one region (decision D4).

Each material is HPKE-sealed on its own, with origin, account, key, material and epoch bound as
`info` (the receiver is bound by crypto.identity); so it opens nowhere else and for nothing else.
The properties (policy, description, tags) are sealed too: they are the receiver's business only
(decision D8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from crypto.errors import SealError
from crypto.identity import PublicIdentity, RegionIdentity, binding
from crypto.material import KeyMaterial
from replication.errors import Malformed, Unauthentic
from replication.payloads import ReplicaOffer, SealedMaterial
from replication.position import Position
from replication.shared import SharedState


@dataclass(frozen=True, slots=True)
class ReplicaProperties:
    """The independent properties that a replica key starts with; `tags` are (key, value) pairs.

    Without a policy the key gets the default key policy of its account.
    """

    description: str = ""
    policy: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedOffer:
    """An offer whose seals were opened by its receiver."""

    as_of: Position
    properties: ReplicaProperties
    materials: tuple[KeyMaterial, ...]


def seal_offer(
    shared: SharedState,
    properties: ReplicaProperties,
    materials: Sequence[KeyMaterial],
    *,
    origin: str,
    receiver: PublicIdentity,
    as_of: Position,
) -> ReplicaOffer:
    """An offer of `shared` to the receiving region, with every material that the set has."""
    packed: bytes = msgpack.packb([properties.description, properties.policy, properties.tags])
    return ReplicaOffer(
        region=receiver.region,
        as_of=as_of,
        properties=receiver.seal(packed, _properties_info(shared, origin)),
        materials=tuple(
            SealedMaterial(
                each.material_id,
                receiver.seal_material(each, _material_info(shared, origin, each.material_id)),
            )
            for each in materials
        ),
    )


def open_offer(
    identity: RegionIdentity, origin: str, shared: SharedState, offer: ReplicaOffer
) -> OpenedOffer:
    """What `origin` offered to this region. Raises Unauthentic if a seal does not open, or
    Malformed if the offer lacks a material that the set has.
    """
    offered = {each.material_id for each in offer.materials}
    if not {*shared.materials, shared.current_material} <= offered:
        raise Malformed(f"the offer of {shared.key_id} lacks key material")
    try:
        properties = identity.open(offer.properties, _properties_info(shared, origin))
        materials = tuple(
            identity.open_material(
                each.sealed,
                shared.key_id,
                each.material_id,
                _material_info(shared, origin, each.material_id),
            )
            for each in offer.materials
        )
    except SealError as error:
        raise Unauthentic(f"the offer of {shared.key_id} does not open") from error
    return OpenedOffer(offer.as_of, _unpack_properties(properties), materials)


def _properties_info(shared: SharedState, origin: str) -> bytes:
    epoch = shared.version.epoch
    return binding("keyspan replica properties", origin, shared.account, shared.key_id, epoch)


def _material_info(shared: SharedState, origin: str, material_id: str) -> bytes:
    epoch = shared.version.epoch
    return binding("keyspan offer", origin, shared.account, shared.key_id, material_id, epoch)


def _unpack_properties(packed: bytes) -> ReplicaProperties:
    fields: Any = msgpack.unpackb(packed)
    try:
        description, policy, tags = fields
        return ReplicaProperties(description, policy, tuple((key, value) for key, value in tags))
    except (TypeError, ValueError) as error:
        raise Malformed("an offer with malformed properties") from error

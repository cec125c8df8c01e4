"""Offers: key material and first properties of a related key, sealed to one region (decision D4).

All of an offer is one HPKE seal (docs/decisions/0026), with origin, account, key and epoch bound as
`info`, and whether it offers the key anew (receiver and materials are bound by crypto.identity); so
it opens nowhere else and for nothing else. The properties (policy, description, tags) are sealed
too: they are the receiver's business only (decision D8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgpack
import msgspec

from crypto.errors import SealError
from crypto.identity import PublicIdentity, RegionIdentity, binding
from crypto.material import KeyMaterial
from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT
from replication.errors import Malformed, Unauthentic
from replication.payloads import Offer
from replication.position import Position
from replication.shared import SharedState

_MATERIAL: Final = "keyspan offered material"
_KEY: Final = "keyspan offered key"
_PROPERTIES: Final = msgspec.msgpack.Decoder(tuple[str, str | None, tuple[tuple[str, str], ...]])


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
    """What an offer is about; bound into its seal."""

    account: str
    key_id: str
    epoch: int
    key_spec: str = SYMMETRIC_DEFAULT.name  # in the material's ID, and so in its seal

    @classmethod
    def of(cls, shared: SharedState) -> Subject:
        """The subject of an offer that goes with a shared state."""
        return cls(shared.account, shared.key_id, shared.version.epoch, shared.key_spec)

    def info(self, origin: str, *, anew: bool) -> bytes:
        """The HPKE info of a seal by `origin`."""
        what = _KEY if anew else _MATERIAL
        return binding(what, origin, self.account, self.key_id, self.epoch)


@dataclass(frozen=True, slots=True)
class OpenedOffer:
    """An offer whose seal was opened by its receiver."""

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
    anew = properties is not None
    beside = b"" if properties is None else _packed(properties)
    info = subject.info(origin, anew=anew)
    return Offer(
        region=receiver.region,
        as_of=as_of,
        anew=anew,
        material_ids=tuple(each.material_id for each in materials),
        sealed=receiver.seal_materials(subject.key_id, materials, beside, info)
        if materials or anew
        else b"",
    )


def open_offer(
    identity: RegionIdentity, origin: str, subject: Subject, offer: Offer
) -> OpenedOffer:
    """What `origin` offered to this region.

    Raises Unauthentic if its seal does not open, Malformed for a key spec that is not known here,
    or if it holds something else than it says.
    """
    if subject.key_spec not in KEY_SPECS:
        raise Malformed(f"{subject.key_id} has a key spec that this node lacks; upgrade this node")
    materials, beside = _opened(identity, origin, subject, offer)
    if offer.anew:
        return OpenedOffer(offer.as_of, _unpack_properties(beside), tuple(materials))
    if beside:
        raise Malformed(f"the offer of {subject.key_id} holds more than it says")
    return OpenedOffer(offer.as_of, None, tuple(materials))


def _opened(
    identity: RegionIdentity, origin: str, subject: Subject, offer: Offer
) -> tuple[Sequence[KeyMaterial], bytes]:
    """The materials, and what goes with them."""
    if not offer.anew and not offer.material_ids:
        return (), offer.sealed
    info = subject.info(origin, anew=offer.anew)
    try:
        return identity.open_materials(
            offer.sealed, subject.key_id, offer.material_ids, info, subject.key_spec
        )
    except SealError as error:
        raise Unauthentic(f"the offer of {subject.key_id} does not open") from error


def _packed(properties: ReplicaProperties) -> bytes:
    packed: bytes = msgpack.packb([properties.description, properties.policy, properties.tags])
    return packed


def _unpack_properties(packed: bytes) -> ReplicaProperties:
    try:
        return ReplicaProperties(*_PROPERTIES.decode(packed))
    except msgspec.MsgspecError as error:
        raise Malformed("an offer with malformed properties") from error

"""Offers: what is sealed opens for its receiver, as what it was offered as, and not otherwise."""

from dataclasses import replace

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replication.errors import Malformed, Unauthentic
from replication.offers import OpenedOffer, ReplicaProperties, Subject, open_offer, seal_offer
from replication.payloads import Offer
from replication.position import NOWHERE
from tests.unit.replication.parts import ACCOUNT, AP, EU, KEY_ID, US, identity, material

SUBJECT = Subject(ACCOUNT, KEY_ID, epoch=3)
PROPERTIES = ReplicaProperties("of invoices", '{"Version":"2012-10-17"}', (("team", "billing"),))
HERE = identity(EU)
texts = st.text(max_size=20)
properties = st.builds(
    ReplicaProperties,
    texts,
    st.none() | texts,
    st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
)


def _sealed(*numbers: int, anew: ReplicaProperties | None = None) -> Offer:
    materials = [material(each) for each in numbers]
    return seal_offer(
        SUBJECT, materials, origin=US, receiver=HERE.public, as_of=NOWHERE, properties=anew
    )


def _forged(offer: Offer, beside: bytes) -> Offer:
    """The offer, with other bytes in the place of its properties."""
    materials = [
        material(each) for each in (0, 1) if material(each).material_id in offer.material_ids
    ]
    info = SUBJECT.info(US, anew=offer.anew)
    return replace(offer, sealed=HERE.public.seal_materials(KEY_ID, materials, beside, info))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3), max_size=3, unique=True), st.none() | properties)
def test_an_offer_opens(numbers: list[int], anew: ReplicaProperties | None) -> None:
    sealed = _sealed(*numbers, anew=anew)
    opened = open_offer(HERE, US, SUBJECT, sealed)
    assert opened == OpenedOffer(NOWHERE, anew, tuple(material(each) for each in numbers))
    assert sealed.material_ids == tuple(each.material_id for each in opened.materials)


def test_properties_of_the_greatest_length_fit() -> None:
    """A policy of 32 KiB, a description of 8,192 characters, and 50 tags of 128 and 256."""
    tags = tuple((f"{number:02}" + "\U0001f511" * 126, "\U0001f511" * 256) for number in range(50))
    longest = ReplicaProperties("\U0001f511" * 8192, "p" * 32768, tags)
    assert open_offer(HERE, US, SUBJECT, _sealed(0, anew=longest)).properties == longest


def test_an_offer_of_nothing_has_no_seal() -> None:
    assert _sealed().sealed == b""
    with pytest.raises(Malformed, match="more than it says"):
        open_offer(HERE, US, SUBJECT, replace(_sealed(), sealed=b"x"))


@pytest.mark.parametrize(
    "subject",
    [
        replace(SUBJECT, account="444455556666"),
        replace(SUBJECT, key_id="mrk-" + "f" * 32),
        replace(SUBJECT, epoch=4),
        replace(SUBJECT, key_spec="HMAC_256"),
    ],
)
def test_an_offer_opens_for_its_subject_alone(subject: Subject) -> None:
    with pytest.raises(Unauthentic, match="does not open"):
        open_offer(HERE, US, subject, _sealed(0, anew=PROPERTIES))


def test_an_offer_opens_as_its_origin_s_and_for_its_receiver_alone() -> None:
    for receiver, origin in ((HERE, AP), (identity(AP), US)):
        with pytest.raises(Unauthentic, match="does not open"):
            open_offer(receiver, origin, SUBJECT, _sealed(0, anew=PROPERTIES))


@pytest.mark.parametrize("offer", [_sealed(0, 1), _sealed(0, 1, anew=PROPERTIES)])
def test_an_offer_opens_only_as_what_it_says_it_is(offer: Offer) -> None:
    others = (
        replace(offer, anew=not offer.anew),
        replace(offer, material_ids=offer.material_ids[::-1]),
        replace(offer, material_ids=offer.material_ids[:1]),
        replace(offer, material_ids=(*offer.material_ids, material(2).material_id)),
        replace(offer, sealed=b""),
    )
    for other in others:
        with pytest.raises(Unauthentic, match="does not open"):
            open_offer(HERE, US, SUBJECT, other)


def test_material_alone_has_nothing_beside_it() -> None:
    with pytest.raises(Malformed, match="more than it says"):
        open_offer(HERE, US, SUBJECT, _forged(_sealed(0, 1), b"more"))


@pytest.mark.parametrize(
    "beside",
    [
        b"",
        b"\xc1",
        msgpack.packb("of invoices"),
        msgpack.packb(["of invoices", None]),
        msgpack.packb([None, None, []]),
        msgpack.packb(["of invoices", 1, []]),
        msgpack.packb(["of invoices", None, [["team"]]]),
        msgpack.packb(["of invoices", None, [["team", b"billing"]]]),
        msgpack.packb(["of invoices", None, []]) + b"\x00",
    ],
)
def test_malformed_properties_are_refused(beside: bytes) -> None:
    """By their own sender's mistake: the subscriber says so and asks for a resync."""
    with pytest.raises(Malformed, match="malformed properties"):
        open_offer(HERE, US, SUBJECT, _forged(_sealed(0, 1, anew=PROPERTIES), beside))


def test_a_key_spec_that_is_not_known_says_upgrade() -> None:
    with pytest.raises(Malformed, match="upgrade this node"):
        open_offer(HERE, US, replace(SUBJECT, key_spec="NEW_1"), _sealed(0))

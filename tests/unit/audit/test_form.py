"""A record made from a form is, to the byte, the record that is made by itself."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.audit import lines as kinds
from node.audit.auditor import Auditor
from node.audit.chain import genesis
from node.audit.counting import Usage
from node.audit.event_ids import EventIds
from node.audit.read_line import read_line
from node.audit.record import encoded
from node.audit.sink import Rules, Sink
from node.audit.writer import Piece
from node.model.principal import Principal
from node.wire.messages import Heard, WireRequest
from node.wire.shapes.encryption import DecryptRequest, DecryptResponse, EncryptRequest
from tests.unit.audit.trails import IDENTITY

ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALICE = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/alice", "AIDA1", "IAMUser")
BOB = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/bob", "AIDA2", "IAMUser")


class Lines:
    """Where a trail is written to: memory."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def write(self, pieces: Sequence[Piece]) -> None:
        self.pieces += pieces

    def close(self) -> None:
        """Nothing to let go."""


class Kept:
    """A trail of which no line leaves memory."""

    def __init__(self) -> None:
        trail = "ab" * 16
        head = genesis(IDENTITY.region, trail)
        self.sink = Sink(IDENTITY, trail, Lines(), head, Frozen(), Rules(asynchronous=True))

    @property
    def bodies(self) -> list[bytes]:
        """The records."""
        lines = [read_line(each) for each in self.sink._pending if isinstance(each, bytes)]
        return [each.body for each in lines if each.kind == kinds.RECORD]


class Ticking:
    """A clock that goes on by 0.4 s each time."""

    def __init__(self) -> None:
        self.moments = itertools.count(1_750_000_000)

    def now(self) -> float:
        return next(self.moments) * 0.4


class Frozen:
    def now(self) -> float:
        return 1_750_000_000.5


def auditor(clock: Any = None) -> tuple[Auditor, Kept]:
    kept = Kept()
    made = Auditor("us-east-1", ACCOUNT, clock or Frozen(), EventIds(bytes).new)
    made.write_to(kept.sink, Usage())
    return made, kept


texts = st.text(max_size=12) | st.sampled_from(["\udc80", '"', "\\", "\0", "Ä", "x" * 2000])


@st.composite
def heards(draw: st.DrawFn) -> Heard:
    """A Decrypt or an Encrypt that succeeded."""
    context = draw(st.none() | st.dictionaries(texts, texts, max_size=2))
    headers = draw(st.just({}) | st.builds(lambda agent: {"user-agent": agent}, texts))
    body = b"x" * draw(st.sampled_from([2, 200 * 1024]))
    request = WireRequest(
        "POST", "/", "", headers, body, draw(st.sampled_from(["::1", "10.0.0.1"]))
    )
    heard = Heard(request, "4f3b5c1e-0000-4000-8000-000000000000", "TrentService.Decrypt")
    heard.access_key_id = draw(st.sampled_from(["AKIA1", "AKIA2"]))
    heard.principal = draw(st.sampled_from([ALICE, BOB]))
    heard.resources = draw(st.sampled_from([[KEY], [KEY, KEY], []]))
    if draw(st.booleans()):
        heard.target = "TrentService.Encrypt"
        heard.asked = EncryptRequest(
            key_id=draw(texts), plaintext=b"secret", encryption_context=context
        )
    else:
        heard.asked = DecryptRequest(ciphertext_blob=b"blob", encryption_context=context)
        heard.output = DecryptResponse(
            plaintext=b"secret", key_material_id=draw(st.sampled_from([None, "ab" * 32]))
        )
    return heard


@given(st.lists(heards(), min_size=1, max_size=6))
def test_it_is_the_record_that_is_made_by_itself(calls: list[Heard]) -> None:
    by_form, kept = auditor()
    for number, heard in enumerate(calls, 1):
        by_form.note(heard)
        event_id = json.loads(kept.bodies[-1])["eventID"]
        assert int(event_id[-12:], 16) == number
        alone, _ = auditor()
        record = alone._record(heard, alone._event(heard.target), event_id, Frozen().now())
        assert kept.bodies[-1] == encoded(record)


@given(heards())
def test_the_time_goes_on(heard: Heard) -> None:
    ticking, kept = auditor(Ticking())
    for _ in range(12):
        ticking.note(heard)
    times = [json.loads(each)["eventTime"] for each in kept.bodies]
    assert times == sorted(times)
    assert len(set(times)) > 3


def test_event_ids_count_on_and_never_come_again() -> None:
    new = EventIds(bytes).new
    made = [new() for _ in range(70_000)]
    assert [int(each[-12:], 16) for each in made] == list(range(1, 70_001))
    assert len({each[:-12] for each in made}) == 1


@pytest.mark.parametrize("left_out", ["Plaintext", "secret", "blob"])
def test_blobs_are_not_in_it(left_out: str) -> None:
    noted, kept = auditor()
    request = WireRequest("POST", "/", "", {}, b"{}", "::1")
    heard = Heard(request, "id", "TrentService.Encrypt")
    heard.access_key_id, heard.principal, heard.resources = "AKIA1", ALICE, [KEY]
    heard.asked = EncryptRequest(key_id=KEY, plaintext=b"secret blob")
    noted.note(heard)
    noted.note(heard)
    assert left_out not in kept.bodies[1].decode()


def test_a_user_agent_that_is_not_utf8_is_recorded() -> None:
    """It ended the call without a record: what JSON cannot hold is to become a question mark."""
    noted, kept = auditor()
    request = WireRequest("POST", "/", "", {"user-agent": "\udcff"}, b"{}", "::1")
    noted.note(Heard(request, "id", "TrentService.Encrypt"))
    assert json.loads(kept.bodies[0])["userAgent"] == "?"

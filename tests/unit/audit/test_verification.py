"""A trail that was touched anywhere is found out, and the first line that was is named."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.audit import lines as kinds
from node.audit.chain import Head, sealed
from node.audit.checkpoint import sign_checkpoint
from node.audit.read_line import read_line
from node.audit.verification import Damage, Verdict, verify_trail
from tests.unit.audit.trails import IDENTITY, OTHER, START, TRAIL, Made, made

WHOLE = made(7, 1, 4)
WITNESS = WHOLE.witness()
LAST = len(WHOLE.lines)
some_line = st.integers(0, LAST - 1)


def judged(lines: list[tuple[str, bytes]]) -> Verdict:
    return verify_trail(lines, IDENTITY.public, [WITNESS])


def test_a_whole_trail_is_whole_to_its_end() -> None:
    verdict = judged(WHOLE.lines)
    assert verdict.whole, verdict.finding
    assert (verdict.first, verdict.last, verdict.signed) == (1, LAST, LAST)
    assert verdict.records == 12
    assert verdict.witnessed == LAST
    assert verdict.trail == TRAIL


@given(some_line, st.data())
@settings(max_examples=400)
def test_a_changed_byte_is_found_at_its_line(number: int, data: st.DataObject) -> None:
    file, line = WHOLE.lines[number]
    place = data.draw(st.integers(0, len(line) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda each: each != line[place]))
    changed = line[:place] + bytes([byte]) + line[place + 1 :]
    lines = _as_files([*WHOLE.lines[:number], (file, changed), *WHOLE.lines[number + 1 :]])
    verdict = judged(lines)
    assert verdict.finding is not None
    assert verdict.finding.sequence == number + 1
    assert verdict.finding.file == file


@given(some_line, st.integers(1, 6))
def test_cut_lines_are_found(number: int, count: int) -> None:
    lines = [*WHOLE.lines[:number], *WHOLE.lines[number + count :]]
    finding = judged(lines).finding
    assert finding is not None
    assert finding.damage is Damage.CUT
    assert finding.sequence in (number + 1, number + count)  # of a start, the last that is missing


@given(some_line, some_line)
def test_a_line_that_stands_twice_is_found(number: int, place: int) -> None:
    lines = [*WHOLE.lines[:place], WHOLE.lines[number], *WHOLE.lines[place:]]
    finding = judged(lines).finding
    assert finding is not None
    earlier = number < place
    expected = {Damage.INSERTED} if earlier else {Damage.INSERTED, Damage.REORDERED, Damage.CUT}
    assert finding.damage in expected


@given(some_line, some_line)
def test_two_lines_that_changed_places_are_found(one: int, other: int) -> None:
    first, second = sorted((one, other))
    if first == second:
        return
    lines = list(WHOLE.lines)
    lines[first], lines[second] = lines[second], lines[first]
    finding = judged(lines).finding
    assert finding is not None
    if first > 0:
        assert (finding.damage, finding.sequence) == (Damage.REORDERED, first + 1)


@given(some_line, st.binary(min_size=1, max_size=200))
def test_something_inserted_is_found(place: int, foreign: bytes) -> None:
    name = WHOLE.lines[place][0]
    foreign = foreign.replace(b"\n", b"") + b"\n"
    finding = judged([*WHOLE.lines[:place], (name, foreign), *WHOLE.lines[place:]]).finding
    assert finding is not None
    assert (finding.damage, finding.sequence) == (Damage.INSERTED, place + 1)


@given(st.integers(1, LAST - 2))
def test_a_forged_record_with_a_right_hash_is_found(place: int) -> None:
    """It follows the line before it; the line behind it shows that there are two."""
    before = read_line(WHOLE.lines[place - 1][1]).head
    forged, _ = sealed(before, b"record", b'{"eventName":"Nothing"}')
    name = WHOLE.lines[place][0]
    inserted = judged([*WHOLE.lines[:place], (name, forged), *WHOLE.lines[place:]]).finding
    assert inserted is not None
    assert (inserted.damage, inserted.sequence) == (Damage.INSERTED, place + 1)
    replaced = judged([*WHOLE.lines[:place], (name, forged), *WHOLE.lines[place + 1 :]]).finding
    assert replaced is not None
    assert (replaced.damage, replaced.sequence) == (Damage.CHANGED, place + 1)


@given(st.integers(1, LAST - 2), st.booleans())
def test_a_chain_that_was_made_anew_is_found(place: int, keep: bool) -> None:
    """Whoever can write the files, and has no identity, changes a line and all hashes behind it."""
    head = read_line(WHOLE.lines[place - 1][1]).head
    lines = list(WHOLE.lines[:place])
    for number, (file, data) in enumerate(WHOLE.lines[place:]):
        line = read_line(data)
        if line.kind == kinds.CHECKPOINT and not keep:
            continue
        body = b'{"eventName":"Nothing"}' if number == 0 else line.body
        kind = b"record" if number == 0 else line.kind.encode()
        remade, head = sealed(head, kind, body)
        lines.append((file, remade))
    verdict = judged(lines)
    assert verdict.finding is not None
    assert verdict.signed <= place
    assert verdict.finding.sequence <= place + 1 or verdict.finding.damage is Damage.CUT


def test_a_torn_last_line_is_no_damage() -> None:
    verdict = verify_trail([*WHOLE.lines, ("audit", b'{"hash":"00')], IDENTITY.public, [WITNESS])
    assert verdict.whole
    assert verdict.torn_bytes == len(b'{"hash":"00')


def test_a_tail_is_missed_by_witnesses_alone() -> None:
    lines = WHOLE.lines[:-5]
    assert verify_trail(lines, IDENTITY.public).whole
    finding = judged(lines).finding
    assert finding is not None
    assert (finding.damage, finding.sequence) == (Damage.CUT, LAST - 4)


def test_a_whole_trail_that_is_gone_is_missed_by_witnesses() -> None:
    assert judged([]).finding is not None
    other = Made(trail="cd" * 16)
    finding = judged(other.lines).finding
    assert finding is not None
    assert TRAIL in finding.text


def test_a_witness_of_another_chain_shows_that_all_was_made_anew() -> None:
    remade = made(7, 1, 4)
    remade.lines.clear()
    remade = Made()
    for _ in range(LAST):
        remade.record("Nothing")
    remade.sign()
    finding = remade.verdict(WITNESS).finding
    assert finding is not None
    assert finding.damage is Damage.REWRITTEN


def test_a_witness_that_the_region_did_not_sign_proves_nothing() -> None:
    forged = sign_checkpoint(OTHER, TRAIL, Head(LAST + 9, b"0" * 64), WITNESS.time)
    forged = msgspec.structs.replace(forged, region="us-east-1")
    assert verify_trail(WHOLE.lines, IDENTITY.public, [WITNESS, forged]).whole


def test_a_trail_whose_region_is_another_is_not_taken() -> None:
    assert verify_trail(WHOLE.lines, OTHER.public).finding is not None


def test_a_retired_start_needs_the_trail_s_own_word() -> None:
    trail = made(5, 5)
    second = next(number for number, each in enumerate(trail.lines) if each[0] != trail.lines[0][0])
    start = read_line(trail.lines[second][1])
    assert verify_trail(trail.lines[second:], IDENTITY.public).finding is not None
    trail.retire(start.sequence, start.previous)
    assert trail.verdict().whole
    kept = verify_trail(trail.lines[second:], IDENTITY.public)
    assert kept.whole, kept.finding
    assert kept.first == start.sequence
    cut = verify_trail(trail.lines[second + 1 :], IDENTITY.public)
    assert cut.finding is not None


def test_a_retirement_that_nobody_signed_is_no_word() -> None:
    trail = made(5, 5)
    second = next(number for number, each in enumerate(trail.lines) if each[0] != trail.lines[0][0])
    start = read_line(trail.lines[second][1])
    trail.retire(start.sequence, start.previous)
    unsigned = trail.lines[second:-1]  # without the checkpoint behind it
    assert verify_trail(unsigned, IDENTITY.public).finding is not None


@pytest.mark.parametrize(("minutes", "whole"), [(1, True), (10, False)])
def test_a_tail_without_checkpoints_is_not_taken_for_long(minutes: int, whole: bool) -> None:
    trail = made(3)
    for minute in range(minutes + 1):
        trail.moment = START + minute * 60
        trail.record()
    verdict = trail.verdict()
    assert verdict.whole is whole
    assert verdict.finding is None or verdict.finding.damage is Damage.UNSIGNED


def _as_files(lines: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The lines as they are read from files: a changed line may have a line feed more or less."""
    found: list[tuple[str, bytes]] = []
    for name in dict.fromkeys(file for file, _ in lines):
        data = b"".join(line for file, line in lines if file == name)
        found += [(name, each + b"\n") for each in data.split(b"\n")[:-1]]
        rest = data.split(b"\n")[-1]
        found += [(name, rest)] if rest else []
    return found

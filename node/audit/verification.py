"""Whether a trail is whole, from its lines, the public identity of its region, and witnesses alone.

Names the first line that was changed, cut, inserted or moved. What it cannot see is a tail that was
cut off behind the last checkpoint that anyone has witnessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from crypto.identity import PublicIdentity
from node.audit import lines as kinds
from node.audit.chain import Head, genesis
from node.audit.checkpoint import is_signed_by
from node.audit.lines import Checkpoint, Opened, Retired
from node.audit.read_line import BrokenLine, Line, read_line
from node.audit.times import epoch_seconds

UNSIGNED_SECONDS_MOST: Final = 180  # a checkpoint is due every minute when there is something new
T = TypeVar("T")


class Damage(StrEnum):
    """What was done to a trail."""

    CHANGED = "changed"
    CUT = "cut"
    INSERTED = "inserted"
    REORDERED = "reordered"
    REWRITTEN = "rewritten"
    UNSIGNED = "unsigned"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong: at which line of the trail, in which file, and what."""

    damage: Damage
    sequence: int
    file: str
    text: str


@dataclass(slots=True)
class Verdict:
    """What was found. Without a finding, the trail is whole as far as `signed`."""

    region: str
    trail: str | None = None
    first: int = 0
    last: int = 0
    records: int = 0
    checkpoints: int = 0
    signed: int = 0  # the last line that a checkpoint, or the chain behind it, proves
    witnessed: int = 0  # the last line that another region's witness proves
    torn_bytes: int = 0
    finding: Finding | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.finding is None


class _Stop(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


@dataclass(slots=True)
class _Walk:
    """The state of one reading."""

    identity: PublicIdentity
    verdict: Verdict
    witnesses: dict[int, Checkpoint]
    head: Head | None = None
    file: str = ""
    before: Line | None = None
    start: Head | None = None  # what the first line followed, where it is not the trail's first
    retired: list[tuple[int, Retired]] = field(default_factory=list)
    unsigned: Line | None = None  # the first record that no checkpoint signs yet
    newest: Line | None = None  # the last record


def verify_trail(
    lines: Iterable[tuple[str, bytes]],
    identity: PublicIdentity,
    witnesses: Sequence[Checkpoint] = (),
) -> Verdict:
    """Judge a trail from its lines, each with its line feed and the name of its file, in order.

    `witnesses` are checkpoints of this region that others hold; those that it did not sign prove
    nothing and are passed over.
    """
    signed = [each for each in witnesses if is_signed_by(identity, each)]
    walk = _Walk(identity, Verdict(identity.region), {each.sequence: each for each in signed})
    rest = iter(lines)
    try:
        for file, data in rest:
            _step(walk, file, data, rest)
        _end(walk, signed)
    except _Stop as stop:
        walk.verdict.finding = stop.finding
    return walk.verdict


def _step(walk: _Walk, file: str, data: bytes, rest: Iterator[tuple[str, bytes]]) -> None:
    walk.file = file
    expected = 1 if walk.head is None else walk.head.sequence + 1
    try:
        line = read_line(data)
    except BrokenLine:
        _broken(walk, expected, data, rest)
        return
    if walk.head is None:
        walk.head = _first_head(walk, line)
        walk.verdict.first = line.sequence
        expected = line.sequence
    if (line.sequence, line.previous) != (expected, walk.head.hash):
        raise _Stop(_misplaced(walk, walk.head, line, rest))
    _accept(walk, line)


def _accept(walk: _Walk, line: Line) -> None:
    verdict = walk.verdict
    walk.head = line.head
    verdict.last = line.sequence
    if line.kind == kinds.RECORD:
        verdict.records += 1
        walk.newest = line
        if walk.unsigned is None:
            walk.unsigned = line
    elif line.kind == kinds.CHECKPOINT:
        _check_checkpoint(walk, line)
    elif line.kind == kinds.OPENED:
        _check_opened(walk, line)
    elif line.kind == kinds.RETIRED:
        walk.retired.append((line.sequence, _decoded(walk, line, Retired)))
    witness = walk.witnesses.get(line.sequence)
    if witness is not None and witness.trail == verdict.trail:
        _check_witness(walk, line, witness)
    walk.before = line


def _check_checkpoint(walk: _Walk, line: Line) -> None:
    """The checkpoint is of this chain, and signed by the region."""
    checkpoint = _decoded(walk, line, Checkpoint)
    verdict = walk.verdict
    told = (checkpoint.trail, checkpoint.sequence, checkpoint.hash.encode())
    if told == (verdict.trail, line.sequence - 1, line.previous) and is_signed_by(
        walk.identity, checkpoint
    ):
        verdict.checkpoints += 1
        verdict.signed = line.sequence
        walk.unsigned = None
        return
    since = max(verdict.signed, verdict.first - 1)
    raise _found(
        walk,
        Damage.REWRITTEN,
        since + 1,
        f"line {line.sequence} is a checkpoint that {verdict.region} did not sign for this chain: "
        f"something from line {since + 1} on was changed and the chain made anew",
    )


def _check_opened(walk: _Walk, line: Line) -> None:
    opened, before = _decoded(walk, line, Opened), walk.before
    if before is not None and before.kind != kinds.CHECKPOINT:  # each file ends with one
        first = walk.verdict.signed + 1
        text = f"no checkpoint signs the lines from {first} on, before a new file begins"
        raise _found(walk, Damage.UNSIGNED, first, text)
    if (opened.region, opened.trail) == (walk.identity.region, walk.verdict.trail):
        return
    raise _found(
        walk,
        Damage.FOREIGN,
        line.sequence,
        f"line {line.sequence} begins a file of another trail ({opened.region}, {opened.trail})",
    )


def _check_witness(walk: _Walk, line: Line, witness: Checkpoint) -> None:
    verdict = walk.verdict
    if witness.hash.encode() == line.hash:
        verdict.witnessed = line.sequence
        return
    since = max(verdict.witnessed, verdict.first - 1)
    raise _found(
        walk,
        Damage.REWRITTEN,
        since + 1,
        f"line {line.sequence} is not the one that another region witnessed at {witness.time}: "
        f"something from line {since + 1} on was changed and the chain made anew",
    )


def _first_head(walk: _Walk, line: Line) -> Head:
    """What the first line has to follow; where files were retired, it is asked for at the end."""
    if line.kind != kinds.OPENED:
        text = f"what stood before line {line.sequence} is missing"
        raise _found(walk, Damage.CUT, line.sequence - 1, text)
    opened = _decoded(walk, line, Opened)
    walk.verdict.trail = opened.trail
    if line.sequence == 1:
        return genesis(opened.region, opened.trail)
    walk.start = Head(line.sequence - 1, line.previous)
    return walk.start


def _broken(walk: _Walk, expected: int, data: bytes, rest: Iterator[tuple[str, bytes]]) -> None:
    """A line that is not one: torn by a crash at the very end, else damage."""
    file = walk.file
    following = next(rest, None)
    if following is None and not data.endswith(b"\n"):
        walk.verdict.torn_bytes = len(data)
        return
    if following is not None:
        for _, each in (following, *rest):
            line = _line_or_none(each)
            if line is not None and _follows(walk, line, expected):
                text = f"something that is no record stands before line {expected}"
                raise _Stop(Finding(Damage.INSERTED, expected, file, text))
    text = f"line {expected} is not what its hash says"
    raise _Stop(Finding(Damage.CHANGED, expected, file, text))


def _misplaced(walk: _Walk, head: Head, line: Line, rest: Iterator[tuple[str, bytes]]) -> Finding:
    """What it means that a line, right in itself, does not follow `head`."""
    before, file, expected = walk.before, walk.file, head.sequence + 1
    if line.previous == head.hash:
        text = f"line {expected} says that it is line {line.sequence}"
        return Finding(Damage.CHANGED, expected, file, text)
    if line.sequence == expected:
        return _unlinked(walk, expected, line, next(rest, None))
    if line.sequence < expected:
        same = before is not None and line.previous == before.previous
        number = line.sequence if same else expected
        text = f"there is another line {line.sequence} where line {expected} should be"
        return Finding(Damage.INSERTED, number, file, text)
    for _, data in rest:
        later = _line_or_none(data)
        if later is not None and _follows(walk, later, expected):
            text = f"line {expected} stands behind line {line.sequence}"
            return Finding(Damage.REORDERED, expected, file, text)
    missing = line.sequence - expected
    lines = f"line {expected} is" if missing == 1 else f"{missing} lines from {expected} on are"
    return Finding(Damage.CUT, expected, file, f"{lines} missing before line {line.sequence}")


def _unlinked(
    walk: _Walk, expected: int, line: Line, following: tuple[str, bytes] | None
) -> Finding:
    """Two neighbours in number that do not fit: the next line tells which of them is not genuine.

    A line is genuine if the line behind it names its hash.
    """
    after = None if following is None else _line_or_none(following[1])
    genuine = after is None or after.previous == line.hash
    number = expected - 1 if genuine and walk.before is not None else expected
    text = f"line {number} was replaced by another with a hash of its own"
    return Finding(Damage.CHANGED, number, walk.file, text)


def _end(walk: _Walk, witnesses: Sequence[Checkpoint]) -> None:
    _check_start(walk)
    verdict = walk.verdict
    for witness in sorted(witnesses, key=lambda each: each.sequence):
        if witness.trail != verdict.trail:
            text = f"a trail {witness.trail} was witnessed at {witness.time}; it is not here"
            raise _found(walk, Damage.CUT, witness.sequence, text)
        if witness.sequence > verdict.last:
            text = (
                f"the end is missing from line {verdict.last + 1} on: another region witnessed "
                f"line {witness.sequence} at {witness.time}; what is here is proved up to line "
                f"{verdict.signed}"
            )
            raise _found(walk, Damage.CUT, verdict.last + 1, text)
    _check_tail(walk)


def _check_start(walk: _Walk) -> None:
    """A trail that does not begin with its first line needs a signed word of retention."""
    start, verdict = walk.start, walk.verdict
    if start is None:
        return
    for sequence, each in walk.retired:
        told = (each.first, each.previous.encode())
        if sequence <= verdict.signed and told == (start.sequence + 1, start.hash):
            return
    text = f"the files before line {verdict.first} are missing, and no retention removed them"
    raise _found(walk, Damage.CUT, start.sequence, text)


def _check_tail(walk: _Walk) -> None:
    """A tail that should have been signed long ago is one whose checkpoints were taken away."""
    if walk.unsigned is None or walk.newest is None:
        return
    since, until = _event_time(walk.unsigned), _event_time(walk.newest)
    if since is None or until is None:
        return
    if epoch_seconds(until) - epoch_seconds(since) <= UNSIGNED_SECONDS_MOST:
        return
    first = walk.verdict.signed + 1
    text = f"no checkpoint signs the lines from {first} on, of {since} to {until}"
    raise _found(walk, Damage.UNSIGNED, first, text)


def _event_time(line: Line) -> str | None:
    try:
        return msgspec.json.decode(line.body, type=_Timed).eventTime
    except msgspec.MsgspecError:
        return None


class _Timed(msgspec.Struct):
    eventTime: str  # noqa: N815 - CloudTrail's name


def _decoded(walk: _Walk, line: Line, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(line.body, type=shape)
    except msgspec.MsgspecError:
        text = f"line {line.sequence} is not a line that Keyspan writes"
        raise _found(walk, Damage.CHANGED, line.sequence, text) from None


def _found(walk: _Walk, damage: Damage, sequence: int, text: str) -> _Stop:
    return _Stop(Finding(damage, sequence, walk.file, text))


def _line_or_none(data: bytes) -> Line | None:
    try:
        return read_line(data)
    except BrokenLine:
        return None


def _follows(walk: _Walk, line: Line, expected: int) -> bool:
    """Whether the line would be the right one here. Before the first line, any start will do."""
    if walk.head is None:
        return line.kind == kinds.OPENED
    return (line.sequence, line.previous) == (expected, walk.head.hash)

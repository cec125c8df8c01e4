"""Trails made for tests: lines of a chain, signed as a node signs them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import msgspec

from crypto.identity import RegionIdentity
from node.audit import lines as kinds
from node.audit.chain import Head, genesis, sealed
from node.audit.checkpoint import sign_checkpoint
from node.audit.lines import Checkpoint, Opened, Retired
from node.audit.times import iso_time
from node.audit.verification import Verdict, verify_trail

REGION = "us-east-1"
IDENTITY = RegionIdentity.generate(REGION, os.urandom)
OTHER = RegionIdentity.generate("eu-west-1", os.urandom)
START = 1_790_000_000
TRAIL = "ab" * 16


@dataclass
class Made:
    """A trail that is being made. `lines` have the names of their files."""

    identity: RegionIdentity = IDENTITY
    trail: str = TRAIL
    lines: list[tuple[str, bytes]] = field(default_factory=list)
    signed: list[Checkpoint] = field(default_factory=list)
    moment: float = START

    def __post_init__(self) -> None:
        self.head = genesis(self.identity.region, self.trail)
        self.file = ""
        self.open()

    def open(self) -> None:
        """Begin a file."""
        self.file = f"audit-{self.head.sequence + 1:012}.jsonl"
        opened = Opened(self.identity.region, self.trail, iso_time(self.moment))
        self.add(kinds.OPENED, msgspec.json.encode(opened))

    def add(self, kind: str, body: bytes) -> Head:
        line, self.head = sealed(self.head, kind.encode(), body)
        self.lines.append((self.file, line))
        return self.head

    def record(self, name: str = "Encrypt") -> Head:
        event = {"eventTime": iso_time(self.moment), "eventName": name}
        return self.add(kinds.RECORD, msgspec.json.encode(event))

    def sign(self) -> Checkpoint:
        made = sign_checkpoint(self.identity, self.trail, self.head, iso_time(self.moment))
        self.add(kinds.CHECKPOINT, msgspec.json.encode(made))
        self.signed.append(made)
        return made

    def retire(self, first: int, previous: bytes) -> None:
        told = Retired(first, previous.decode(), iso_time(self.moment))
        self.add(kinds.RETIRED, msgspec.json.encode(told))
        self.sign()

    def witness(self) -> Checkpoint:
        """What another region holds of the very end."""
        return sign_checkpoint(self.identity, self.trail, self.head, iso_time(self.moment))

    def verdict(self, *witnesses: Checkpoint) -> Verdict:
        return verify_trail(self.lines, self.identity.public, witnesses)


def made(*files: int) -> Made:
    """A trail of files with this many records each; a checkpoint at every third and every end."""
    trail = Made()
    for number, records in enumerate(files):
        if number:
            trail.open()
        for each in range(records):
            trail.record(f"Event{number}-{each}")
            if each % 3 == 2:
                trail.sign()
        trail.sign()
    return trail

"""The one way in which a simulation fails, and the invariants that it may fail by."""

from __future__ import annotations

from enum import StrEnum


class Invariant(StrEnum):
    """What must be true after every step, and (I9) some time after the faults end."""

    I1 = "what was encrypted and acknowledged opens wherever the key is held and has caught up"
    I2 = "nobody encrypts with material that a waited-for related key lacks"
    I3 = "a key has one primary in an epoch, and after the faults exactly one"
    I4 = "no acknowledged change is lost by a crash"
    I5 = "independent properties never cross"
    I6 = "a primary is never deleted before its replicas"
    I7 = "single-Region keys never leave"
    I8 = "a hostile stream causes delay, never acceptance"
    I9 = "all regions converge within a bounded number of rounds after the faults end"
    I10 = "a ciphertext is called invalid only if no region of its key could bring the material yet"


class Violation(AssertionError):
    """Something happened that never may, or did not happen that must."""

    def __init__(self, invariant: Invariant, what: str) -> None:
        self.invariant = invariant
        super().__init__(f"{invariant.name} ({invariant.value}): {what}")

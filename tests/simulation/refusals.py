"""Which ciphertexts a region may call invalid: none whose material could still be brought to it.

Invalid is final to a client; what may still come is answered with an error that SDKs try again
(docs/decisions/0017). A region that holds the key and the material can bring it, but for what 0017
excepts: its stream did not show the end of its log, as somebody took that away, or as its region
died between a commit and the publication.
"""

from __future__ import annotations

from collections.abc import Mapping

from replication.memory_stream import MemoryStream
from tests.simulation.ciphertexts import Sample, holds
from tests.simulation.memory_store import State
from tests.simulation.violation import Invariant, Violation


def shown(states: Mapping[str, State], streams: Mapping[str, MemoryStream]) -> frozenset[str]:
    """The regions whose streams show the end of their logs."""
    return frozenset(name for name, state in states.items() if _shows_its_end(state, streams[name]))


def check_invalid(
    region: str, sample: Sample, states: Mapping[str, State], shown: frozenset[str]
) -> None:
    """A region has called a ciphertext invalid; `shown` are those whose streams showed the end of
    their logs when it was asked, and do so now.
    """
    held = states[region].keys.get(sample.key_id)
    if held is None or held.shared is None:
        return
    for other in held.shared.regions:
        if other != region and other in shown and holds(states[other], sample):
            raise Violation(
                Invariant.I10,
                f"{region} calls invalid what {sample.region} encrypted with material "
                f"{sample.material_id[:8]} of {sample.key_id}, which {other} could bring",
            )


def _shows_its_end(state: State, stream: MemoryStream) -> bool:
    if state.head is None:
        return False
    last = state.head.sequence
    return max(stream.entries, default=None) == (last, 0) and (
        stream.entries[last, 0] == state.outbox.get(last)
    )

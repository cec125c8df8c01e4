"""Load on a running cluster, and the record of what it was answered: for drills and fault tests.

`load.py` encrypts, decrypts and makes data keys in every region while something is broken,
`ledger.py` keeps every ciphertext, `check.py` opens each of them everywhere, `samples.py` counts.
"""

from __future__ import annotations

from node.drill.check import Check, check_everywhere
from node.drill.ledger import Ledger, Sealed
from node.drill.load import Load
from node.drill.samples import Sample, Samples, Summary, summarised

__all__ = [
    "Check",
    "Ledger",
    "Load",
    "Sample",
    "Samples",
    "Sealed",
    "Summary",
    "check_everywhere",
    "summarised",
]

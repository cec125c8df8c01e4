"""What is measured beside the data plane; `--only NAME` runs one section alone."""

from __future__ import annotations

from typing import Final

from bench.sections import (
    audit,
    control,
    growth,
    instructions,
    policies,
    regions,
    replication,
    slow_work,
    workers,
)
from bench.sections.section import Section

SECTIONS: Final[tuple[Section, ...]] = (
    instructions.SECTION,
    audit.SECTION,
    slow_work.SECTION,
    workers.SECTION,
    control.SECTION,
    replication.SECTION,
    growth.SECTION,
    policies.SECTION,
    regions.SECTION,
)
"""In the order of the report."""

"""docs/formats.md names the kinds, fields and limits that log entries have."""

import re
from dataclasses import replace
from pathlib import Path

from replication.entries import ENTRY_MAX_BYTES, SIGNATURE_PURPOSE
from replication.payload_forms import KINDS
from replication.redis_stream import FIELD, log_key
from replication.shared import pack_shared
from tests.unit.replication.parts import shared

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
_, _, ENTRIES = PAGE.partition("\n## Log entry\n")
ENTRIES = ENTRIES.partition("\n## ")[0]


def test_the_page_lists_every_kind() -> None:
    table = ENTRIES.partition("| kind | fields")[2].partition("\n\n")[0]
    rows = [row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `")]
    assert {kind for row in rows for kind in re.findall(r"`([a-z-]+)`", row)} == set(KINDS)


def test_the_page_lists_every_field_of_shared_state() -> None:
    (row,) = (each for each in ENTRIES.splitlines() if each.startswith("| shared state |"))
    assert set(re.findall(r"`(\w+)`", row)) == set(
        pack_shared(replace(shared(), votes=(b"a vote",)))
    )


def test_the_page_has_the_constants_of_the_code() -> None:
    assert f"({ENTRY_MAX_BYTES})" in ENTRIES
    assert f"`{SIGNATURE_PURPOSE.decode()}`" in ENTRIES
    assert f"`{log_key('<region>')}`" in ENTRIES
    assert f"field, `{FIELD.decode()}`" in ENTRIES

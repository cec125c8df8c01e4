"""boto3 calls every operation, with every parameter, on three real regions over the wire.

The calls are those behind docs/compatibility.md (tests/compat/page), which are made there on
regions in one process: what is answered must be the same.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.compat.page.calls import ask_everything
from tests.compat.page.facts import error_of
from tests.compat.page.ground import Ground
from tests.compat.page.recorder import Note, Recorder
from tests.compat.page.written import run
from tests.harness.cluster import Cluster
from tests.harness.plugin import Tell
from tests.wire.model import MODEL

pytestmark = pytest.mark.timeout(900)


def seen(notes: Sequence[Note]) -> list[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
    """What each call gave and got, without what differs from run to run."""
    return [
        (
            note.operation,
            tuple(sorted(note.given)),
            error_of(note) if note.code else "",
            tuple(sorted(note.answer)),
        )
        for note in notes
    ]


def test_every_operation_is_answered_as_the_page_says(
    cluster: Cluster, tmp_path: Path, tell: Tell
) -> None:
    expected = run(tmp_path, lambda _: None)
    recorder = Recorder()
    on = Ground(
        client=cluster.kms,
        principal=cluster.local.administrator.principal,
        settle=cluster.wait_until_caught_up,
        now=time.time,
    )
    ask_everything(on, recorder, lambda _: None)
    answered = Counter(note.operation for note in recorder.notes if note.succeeded)
    calls = len(recorder.notes)
    tell(f"boto3 {version('boto3')}: {calls} calls; {len(answered)} operations did their work")
    for here, there in zip(seen(recorder.notes), seen(expected.notes), strict=True):
        assert here == there
    assert {note.operation for note in recorder.notes} == set(MODEL.operation_names)

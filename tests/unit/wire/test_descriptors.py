"""Room for connections among the files that a process may open, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

ASK = """
import resource, sys
from node.wire.descriptors import room_for
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(room_for(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "room", "after"),
    [
        (500, 500, 100, 100, 500),  # enough
        (300, 1000, 600, 600, 856),  # raised as far as is needed
        (300, 500, 4096, 244, 500),  # raised as far as is allowed
        (100, 100, 4096, 1, 100),  # hardly any
    ],
)
def test_room(soft: int, hard: int, wanted: int, room: int, after: int) -> None:
    words = [sys.executable, "-c", ASK, str(soft), str(hard), str(wanted)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(room), str(after)]

"""The counter that several processes read."""

from __future__ import annotations

import os
import subprocess
import sys

from node.workers.page import ChangePage, new_page

READER = """
import sys
from node.workers.page import ChangePage
page = ChangePage(int(sys.argv[1]))
for _ in sys.stdin:
    print(page.changes, flush=True)
"""


async def test_every_view_of_a_page_sees_what_was_counted() -> None:
    page = new_page()
    other = ChangePage(page.descriptor)
    assert (page.changes, other.changes) == (0, 0)
    page.count()
    await page.follow()
    assert (page.changes, other.changes) == (2, 2)


def test_another_process_sees_it_at_once() -> None:
    page = new_page()
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(page.descriptor)],
        pass_fds=(page.descriptor,),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        for number in range(1, 50):
            page.count()
            reader.stdin.write("\n")
            reader.stdin.flush()
            assert int(reader.stdout.readline()) == number


def test_two_pages_are_two() -> None:
    one, other = new_page(), new_page()
    one.count()
    assert other.changes == 0
    os.close(one.descriptor)
    assert one.changes == 1  # the memory stays

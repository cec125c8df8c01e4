"""How the commands speak: results on standard output, remarks and mistakes on standard error.

Text is shown as it is: names and paths that look like markup or emoji stay what they are.
"""

from __future__ import annotations

import os
import sys

from rich.console import Console

__all__ = ["complain", "output", "remarks"]

_PIPE_COLUMNS = 120


def output() -> Console:
    """Where results go; plain text, and wide enough for every table, when it is no terminal."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE_COLUMNS
    return Console(highlight=False, markup=False, emoji=False, width=width)


def remarks() -> Console:
    """Where progress and remarks go, so that results can be piped."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def complain(program: str, sentence: str) -> None:
    """Say in one line what is wrong. Control characters of a name given to us are shown escaped."""
    printable = "".join(each if each.isprintable() else repr(each)[1:-1] for each in sentence)
    sys.stderr.write(f"{program}: {printable}\n")

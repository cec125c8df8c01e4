"""The command `keyspan`. Each command has a file of its own; `program.py` has the table of them."""

from __future__ import annotations

from node.cli.program import main

__all__ = ["main"]

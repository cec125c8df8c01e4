"""`keyspan demo`."""

from __future__ import annotations

from node.cli.demo.start import COMMAND

__all__ = ["COMMAND"]

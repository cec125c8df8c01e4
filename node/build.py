"""How this code was built: whether the hot path is compiled (docs/decisions/0028)."""

from __future__ import annotations

from node.wire import protocol


def hot_path() -> str:
    """`compiled` or `interpreted`."""
    return "interpreted" if str(protocol.__file__).endswith(".py") else "compiled"

"""`keyspan demo`: the whole story in three regions, played with real clients.

`start.py` is the command, `story.py` the table of steps, `acts/` what each step does, `stage.py`
what the steps share, `performance.py` plays them, `narrator.py` is how it looks.
"""

from __future__ import annotations

from node.cli.demo.start import COMMAND

__all__ = ["COMMAND"]

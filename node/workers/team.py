"""What the worker processes of a region share beside its port, key store and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.quotas.levels import SharedLevels
from node.workers.page import ChangePage, nameless_file, new_page
from node.workers.pool import Pool


@dataclass(frozen=True, slots=True)
class Team:
    """The leader's side of it."""

    page: ChangePage
    levels: SharedLevels
    pool: Pool


def new_team(command: Sequence[str], count: int) -> Team:
    """A team of `count` processes, the leader being one. `command` begins another."""
    page = new_page()
    levels = SharedLevels.new(nameless_file())
    shared = (f"--page={page.descriptor}", f"--levels={levels.descriptor}")
    pool = Pool((*command, *shared), count, (page.descriptor, levels.descriptor))
    return Team(page, levels, pool)

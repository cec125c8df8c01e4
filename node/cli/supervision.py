"""What `keyspan up` does once the cluster is ready: it watches, tells, and takes orders.

Nothing that has ended is started again unless somebody asks for it (`keyspan region start`): a
rehearsal is to show what the others do without it. The ready file and `up.json` follow within a
moment, and before an order is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from node.cluster import LocalCluster
from node.cluster.control_socket import ControlServer
from node.cluster.controls import LocalControls
from node.cluster.lock import RegionNote
from node.cluster.ready import write_ready_file

__all__ = ["Supervision"]

_LOOK_SECONDS: Final = 0.5


class Supervision:
    """The watch over one cluster, until an exception ends it."""

    def __init__(
        self,
        cluster: LocalCluster,
        server: ControlServer,
        ready_file: Path | None,
        screen: Console,
    ) -> None:
        self._cluster = cluster
        self._server = server
        self._ready_file = ready_file
        self._screen = screen
        self._controls = LocalControls(cluster)
        self._told: dict[str, RegionNote] = {}
        self._down: set[str] = set()

    def run(self, show_welcome: Callable[[], None]) -> None:
        """Write the ready file, say that all is ready, then watch until a signal ends it."""
        self._cluster.control = self._server.path
        self._write()
        show_welcome()
        while True:
            self._look()
            self._server.wait(_LOOK_SECONDS, self._controls, self._done)

    def _done(self, said: list[str]) -> None:
        """An order was carried out: it is told here too, and nothing of it a second time."""
        for sentence in said:
            self._screen.print(sentence, soft_wrap=True)
        self._down = {each.name for each in self._cluster.services() if each.ended}
        self._write()

    def _look(self) -> None:
        down = {each.name: each for each in self._cluster.services() if each.ended}
        for name in sorted(down.keys() - self._down):
            self._screen.print(
                f"{name} {down[name].ended} and is not started again; see {down[name].log}. "
                "Everything else goes on; `keyspan region start` starts it.",
                style="bold red",
                soft_wrap=True,
            )
        self._down = set(down)
        self._write()

    def _write(self) -> None:
        """Bring both files up to date, if anything changed."""
        now = self._cluster.notes()
        if now == self._told:
            return
        self._cluster.write_note()
        if self._ready_file is not None:
            write_ready_file(self._ready_file, self._cluster)
        self._told = now

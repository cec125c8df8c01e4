"""The audit trail of a running node: opened, signed every minute, kept well, and closed."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from crypto.identity import RegionIdentity
from crypto.material import Randomness
from node.audit.auditor import Auditor
from node.audit.sink import Clock, Rules, Unwritable
from node.audit.trail import OpenTrail, open_trail

logger = logging.getLogger("keyspan.audit")
STEP_SECONDS: Final = 1.0
CHECKPOINT_SECONDS: Final = 60.0


class AuditService:
    """Keeps the trail of one region; `auditor` records calls in it once it is open."""

    def __init__(
        self,
        auditor: Auditor,
        folder: Path,
        identity: RegionIdentity,
        randomness: Randomness,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self.auditor = auditor
        self._folder = folder
        self._identity = identity
        self._randomness = randomness
        self._clock = clock
        self._rules = rules
        self._trail: OpenTrail | None = None

    async def open(self) -> None:
        """Open the trail. Raises FolderInUse, ForeignTrail, OSError or Unwritable."""
        self._trail = await open_trail(
            self._folder, self._identity, self._randomness, self._clock, self._rules
        )
        self.auditor.write_to(self._trail.sink)
        self._trail.lines.clear()

    async def run(self) -> None:
        """Sign what is new every minute, and try again what failed every second, for ever."""
        now = asyncio.get_running_loop().time
        due = now() + CHECKPOINT_SECONDS
        while True:
            await asyncio.sleep(STEP_SECONDS)
            try:
                if await self.auditor.sink.retry() and now() >= due:
                    due = now() + CHECKPOINT_SECONDS
                    await self.checkpoint()
            except Unwritable:
                pass  # the sink has said so, and is tried again
            except Exception:
                logger.exception("a step of the audit trail failed; it will be tried again")

    async def checkpoint(self) -> None:
        """Sign what is new. Raises Unwritable."""
        await self.auditor.sink.checkpoint()

    async def close(self) -> None:
        """Sign and write what is left, and let the files go."""
        if self._trail is not None:
            await self._trail.close()
            self._trail = None

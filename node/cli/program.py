"""The table of commands, and what becomes of every mistake.

Exit status: 0 when all is well, 1 when a command ran and found something wrong, 2 when it could not
run, 130 when it was interrupted before it was done. A mistake is one sentence on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from node.cli import (
    audit,
    backup,
    clock,
    demo,
    doctor,
    drill,
    failover,
    iam,
    init,
    link,
    node,
    policy,
    region,
    sessions,
    status,
    up,
    usage,
)
from node.cli.command import Command, CommandError
from node.cli.parser import parse
from node.cli.screen import complain
from node.cluster import ClusterError
from node.settings import SettingsError

__all__ = ["COMMANDS", "main"]

COMMANDS: tuple[Command, ...] = (
    up.COMMAND,
    demo.COMMAND,
    status.COMMAND,
    failover.COMMAND,
    region.COMMAND,
    link.COMMAND,
    clock.COMMAND,
    doctor.COMMAND,
    audit.COMMAND,
    drill.COMMAND,
    policy.COMMAND,
    iam.COMMAND,
    sessions.COMMAND,
    usage.COMMAND,
    backup.BACKUP,
    backup.RESTORE,
    init.COMMAND,
    node.COMMAND,
)

_MISTAKE = 2
_INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(words: Sequence[str] | None = None) -> int:
    """Run one command line; without `words`, the one of this process."""
    program = "keyspan"
    try:
        command, arguments = parse(COMMANDS, sys.argv[1:] if words is None else words)
        program = f"keyspan {command.name}"
        return command.run(arguments)
    except (CommandError, ClusterError, SettingsError) as mistake:
        complain(program, str(mistake))
    except BrokenPipeError:
        return _close_output()
    except OSError as error:
        complain(program, _sentence(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    return _MISTAKE


def _sentence(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}; check that it exists and that you may use it."


def _close_output() -> int:
    """Whoever read our output has gone, as in `keyspan status | head`: no reason to complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0

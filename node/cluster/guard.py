"""Start a program that dies with the process that started it.

    python -I -S guard.py PARENT_PID PROGRAM ARGUMENT…

On Linux the parent-death signal (prctl(2), PR_SET_PDEATHSIG) is set to SIGKILL and survives the
exec that follows, so that nothing outlives a supervisor that was itself killed. Elsewhere the
program is just started. The signal follows the *thread* that started the program: start programs
from a thread that lives as long as they shall. Run as a script, so it imports nothing of Keyspan.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
_CANNOT_RUN = 127  # what a shell answers for a program that it cannot start


def main(arguments: list[str]) -> int:
    """Tie this process to its parent and become the program; only a failure returns."""
    parent, *command = arguments
    if sys.platform == "linux":
        _die_with_parent()
        if os.getppid() != int(parent):  # it died before the signal was set
            return _CANNOT_RUN
    try:
        os.execv(command[0], command)  # noqa: S606  no shell is wanted
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
    return _CANNOT_RUN


def _die_with_parent() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl refused the parent-death signal")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Short slices of the processor for a thread that must be served soon, where Linux has them.

Who wakes while another thread runs waits until that one's slice ends, and sees it end no sooner
than at the next tick, where its own is not shorter (sched(7); EEVDF, Linux 6.12 and later). Python
has no sched_setattr(2), and the C library has it only of late. Elsewhere nothing happens.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SHORTEST_NANOSECONDS: Final = 100_000
"""The least that the kernel takes."""
_NUMBERS: Final[Mapping[str, int]] = MappingProxyType({"x86_64": 314, "aarch64": 274})
"""Of the system call, by machine (the kernel's syscall_64.tbl and asm-generic/unistd.h)."""
_ATTRIBUTES: Final = struct.Struct("=IIQiIQQQ")
"""struct sched_attr: size, policy, flags, nice, priority, runtime (the slice), deadline, period."""


def shorten_slices() -> bool:
    """Give the thread that calls this, and those that it starts, the shortest slices that there
    are; their share of the processor stays the same. Returns whether the system did it.
    """
    if sys.platform != "linux" or platform.machine() not in _NUMBERS:
        return False
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        return False
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    attributes = _ATTRIBUTES.pack(
        _ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, SHORTEST_NANOSECONDS, 0, 0
    )
    return bool(ctypes.CDLL(None).syscall(_NUMBERS[platform.machine()], 0, attributes, 0) == 0)

"""Key management as a client of it meets it: one key, changed again and again.

Each change gives the key's rotation a period of its own number of days, which only the key's
primary may do and every replica must learn. So an acknowledged change can be told from the next
one wherever it arrives, or is missed: the recovery point in changes and in seconds. Every region
is asked each time, as a client does not know which of them leads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from node.cluster import ClusterError
from node.cluster.client import AdministrationClient

__all__ = ["Change", "Manager", "days_of", "number_of"]

_LEAST_DAYS: Final = 90  # KMS API, EnableKeyRotation: 90 to 2560
_DIFFERENT: Final = 2560 - _LEAST_DAYS + 1
_A_LITTLE: Final = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was acknowledged: when it was asked for and answered, where, and which."""

    at: float
    ended: float
    region: str
    number: int

    @property
    def days(self) -> int:
        return days_of(self.number)


def days_of(number: int) -> int:
    """The rotation period that a change sets; 2,471 changes in a row differ."""
    return _LEAST_DAYS + number % _DIFFERENT


def number_of(days: int, about: int) -> int:
    """The change that sets this period, of those up to a little after the change `about`.

    It need not be an acknowledged one: the answer may have been lost with its region.
    """
    latest = about + _A_LITTLE
    return latest - (latest - (days - _LEAST_DAYS)) % _DIFFERENT


class Manager:
    """Changes the key every `pause_seconds` while the `with` block runs. `now` is the drill's
    clock; `changes` may be read meanwhile."""

    def __init__(
        self,
        client: AdministrationClient,
        endpoints: Mapping[str, str],
        key_id: str,
        now: Callable[[], float],
        pause_seconds: float = 0.25,
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._key_id = key_id
        self._now = now
        self._pause = pause_seconds
        self._lock = threading.Lock()
        self._number = 0
        self._changes: list[Change] = []
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._manage, args=(region,), name="manager", daemon=True)
            for region in endpoints
        ]

    def __enter__(self) -> Manager:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def changes(self) -> list[Change]:
        """Those that were acknowledged, in the order in which they were asked for."""
        with self._lock:
            return sorted(self._changes, key=lambda change: change.number)

    def _manage(self, region: str) -> None:
        while not self._ended.wait(self._pause):
            with self._lock:
                number = self._number
                self._number += 1
            at = self._now()
            try:
                self._client.kms(
                    region,
                    self._endpoints[region],
                    "EnableKeyRotation",
                    KeyId=self._key_id,
                    RotationPeriodInDays=days_of(number),
                )
            except ClusterError:
                continue  # it does not lead, or does not answer
            with self._lock:
                self._changes.append(Change(at, self._now(), region, number))

"""Clients that encrypt, decrypt and make data keys in every region, at a steady rate.

Calls begin when it is their time, whether or not earlier ones were answered (an open loop): a
region that stands still is seen as many calls without an answer, and not as one. Each client talks
to its own region alone and tries nothing twice, so that what is counted is what the region did;
unless the scenario gives it a standby region and retries (retries.py).
What is decrypted was encrypted anywhere, so that regions need each other's key material.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from random import Random
from types import TracebackType
from typing import Any, Final

from node.drill.calls import CallFailed, RegionCalls, bytes_of, text_of
from node.drill.ledger import Ledger, Sealed, digest
from node.drill.retries import next_try
from node.drill.samples import WRONG, Sample, Samples
from node.drill.scenario import LoadPlan
from node.settings import Administrator

__all__ = ["Load"]

OVERLOADED: Final = "too many calls without an answer"
_PLAINTEXT_BYTES: Final = 32
_MOST_IN_FLIGHT: Final = 256
_SKIP_SECONDS: Final = 1.0  # a client that is behind by more, on a busy machine, does not catch up
_OPERATIONS: Final = ("Encrypt", "Decrypt", "GenerateDataKey", "Decrypt")


class Load:
    """Load on every region while the `with` block runs, from a thread of its own.

    `endpoints` are the regions' by name, `keys` multi-Region key IDs that all of them hold.
    `standby` is the region of the plan's. Times in samples and ledger are seconds of `clock`
    since `begun`. `samples` and `ledger` may be read while it runs.
    """

    def __init__(
        self,
        endpoints: Mapping[str, str],
        administrator: Administrator,
        keys: Sequence[str],
        random: Random,
        *,
        plan: LoadPlan = LoadPlan(),  # noqa: B008  a frozen value
        standby: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.samples = Samples()
        self.ledger = Ledger()
        self.begun = clock()
        self._endpoints = endpoints
        self._administrator = administrator
        self._keys = keys
        self._randoms = {region: Random(random.random()) for region in endpoints}  # noqa: S311
        self._plan = plan
        self._standby = standby
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def __enter__(self) -> Load:
        self.begun = self._clock()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """No call begins any longer; those under way are waited for."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()
        if self._failure is not None and error is None:
            raise self._failure

    def now(self) -> float:
        """Seconds since the load began."""
        return self._clock() - self.begun

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._clients())
        except BaseException as failure:  # noqa: BLE001  raised by the thread that waits for us
            self._failure = failure

    async def _clients(self) -> None:
        async with asyncio.TaskGroup() as group:
            for region, endpoint in self._endpoints.items():
                ways = [self._way(region, endpoint)]
                if self._standby not in (None, region):
                    ways.append(self._way(self._standby, self._endpoints[self._standby]))
                group.create_task(self._client(ways, self._randoms[region]))

    def _way(self, region: str, endpoint: str) -> RegionCalls:
        return RegionCalls(region, endpoint, self._administrator, self._plan.timeout_seconds)

    async def _client(self, ways: Sequence[RegionCalls], random: Random) -> None:
        """Begin a call whenever it is time for one; `ways` lead to the region, and its standby."""
        under_way: set[asyncio.Task[None]] = set()
        pause = 1 / self._plan.requests_per_second
        due = self.now() + random.random() * pause
        try:
            for number in itertools.count():
                if await self._waited(due - self.now()):
                    break
                operation = _OPERATIONS[number % len(_OPERATIONS)]
                if len(under_way) >= _MOST_IN_FLIGHT:
                    region = ways[0].region
                    self.samples.add(Sample(self.now(), region, operation, 0.0, OVERLOADED))
                else:
                    task = asyncio.ensure_future(self._one(ways, operation, random))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                due = _next(due + pause, self.now())
            await asyncio.gather(*under_way)
        finally:
            for calls in ways:
                await calls.close()

    async def _waited(self, seconds: float) -> bool:
        """Wait, and tell whether it is over."""
        if seconds > 0:
            try:
                await asyncio.wait_for(self._ended.wait(), seconds)
            except TimeoutError:
                return False
        return self._ended.is_set()

    async def _one(self, ways: Sequence[RegionCalls], operation: str, random: Random) -> None:
        """Make a call, and make it again as often as a client would."""
        calls, tries = ways[0], 0
        while True:
            at, tries, error = self.now(), tries + 1, ""
            try:
                await self._operations[operation](self, calls, random)
            except CallFailed as failed:
                error = failed.code
            again = next_try(
                error,
                tries,
                self._plan.retries,
                elsewhere=calls is not ways[-1],
                random=random.random,
            )
            took = self.now() - at
            self.samples.add(Sample(at, calls.region, operation, took, error, again is not None))
            if again is None:
                return
            if again.elsewhere:
                calls, tries = ways[-1], 0
            await asyncio.sleep(again.seconds)

    async def _encrypt(self, calls: RegionCalls, random: Random) -> None:
        key_id, context = random.choice(self._keys), self._context(calls, random)
        plaintext = random.randbytes(_PLAINTEXT_BYTES)
        answer = await calls.call(
            "Encrypt",
            {"KeyId": key_id, "Plaintext": text_of(plaintext), "EncryptionContext": context},
        )
        self._keep(calls, key_id, context, answer["CiphertextBlob"], plaintext)

    async def _generate_data_key(self, calls: RegionCalls, random: Random) -> None:
        key_id, context = random.choice(self._keys), self._context(calls, random)
        answer = await calls.call(
            "GenerateDataKey",
            {"KeyId": key_id, "KeySpec": "AES_256", "EncryptionContext": context},
        )
        plaintext = bytes_of(answer["Plaintext"])
        self._keep(calls, key_id, context, answer["CiphertextBlob"], plaintext)

    async def _decrypt(self, calls: RegionCalls, random: Random) -> None:
        sealed = self.ledger.any(random)
        if sealed is None:  # nothing was encrypted yet
            return await self._encrypt(calls, random)
        answer = await calls.call(
            "Decrypt",
            {"CiphertextBlob": text_of(sealed.blob), "EncryptionContext": dict(sealed.context)},
        )
        if digest(bytes_of(answer["Plaintext"])) != sealed.digest:
            raise CallFailed(WRONG, lost=False)
        return None

    def _context(self, calls: RegionCalls, random: Random) -> dict[str, str]:
        return {"drill": calls.region, "number": str(random.getrandbits(32))}

    def _keep(
        self, calls: RegionCalls, key_id: str, context: dict[str, str], blob: str, plaintext: bytes
    ) -> None:
        self.ledger.add(
            Sealed(self.now(), calls.region, key_id, bytes_of(blob), context, digest(plaintext))
        )

    _operations: Final[
        Mapping[str, Callable[[Load, RegionCalls, Random], Coroutine[Any, Any, None]]]
    ] = {"Encrypt": _encrypt, "Decrypt": _decrypt, "GenerateDataKey": _generate_data_key}


def _next(due: float, now: float) -> float:
    """When the next call is due: as planned, unless that is too long ago."""
    return due if now - due < _SKIP_SECONDS else now

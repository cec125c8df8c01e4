"""Which calls run beside the event loop, and in which threads: the long ones, and every key's
first, in one thread for each core; what may take seconds elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TypeVar

import pytest

from crypto.keys import prepared
from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT, Work
from crypto.uses import PublicHalf
from node.hot.work import (
    CALLS_NICER,
    SECONDS_NICER,
    CallThreads,
    generated,
    threads_for_seconds,
)
from tests.unit.crypto.keys import material_of

LONG = {
    "RSA_2048": {Work.GENERATE, Work.DECRYPT, Work.SIGN},
    "RSA_3072": {Work.GENERATE, Work.DECRYPT, Work.SIGN},
    "RSA_4096": {Work.GENERATE, Work.DECRYPT, Work.SIGN},
    "ECC_NIST_P384": {Work.GENERATE, Work.SIGN, Work.VERIFY, Work.AGREE},
    "ECC_NIST_P521": {Work.GENERATE, Work.SIGN, Work.VERIFY, Work.AGREE},
    "ECC_SECG_P256K1": {Work.GENERATE, Work.SIGN, Work.VERIFY, Work.AGREE},
    "ECC_NIST_EDWARDS25519": {Work.VERIFY},
    "ML_DSA_44": {Work.SIGN, Work.VERIFY},
    "ML_DSA_65": {Work.SIGN, Work.VERIFY},
    "ML_DSA_87": {Work.SIGN, Work.VERIFY},
}
"""What takes over about 100 µs (performance.md)."""
T = TypeVar("T")


def here() -> bool:
    return threading.current_thread() is threading.main_thread()


@pytest.mark.parametrize("name", KEY_SPECS)
async def test_the_long_calls_run_beside(name: str) -> None:
    spec = KEY_SPECS[name]
    key = prepared(material_of(name), spec.usages[0])
    done = CallThreads(1).done
    if isinstance(key, PublicHalf):
        assert not await done(key, Work.SHOW_PUBLIC_KEY, here)  # not made yet
        key.public_key()
    for work in Work:
        assert await done(key, work, here) == (work not in LONG.get(name, set())), work
    assert await generated(spec, here) == (Work.GENERATE not in LONG.get(name, set()))


@pytest.mark.parametrize("name", ["SYMMETRIC_DEFAULT", "RSA_2048"])
async def test_what_a_call_raises_is_raised(name: str) -> None:
    key = prepared(material_of(name), "ENCRYPT_DECRYPT")

    def fails() -> None:
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        await CallThreads(1).done(key, Work.DECRYPT, fails)


async def test_symmetric_keys_never_leave_the_event_loop() -> None:
    assert not SYMMETRIC_DEFAULT.slow
    assert prepared(material_of("SYMMETRIC_DEFAULT"), "ENCRYPT_DECRYPT").ready


def niceness() -> int:
    """Of the thread that asks, on Linux."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def long_call(threads: CallThreads, call: Callable[[], T]) -> Coroutine[object, object, T]:
    """A call that runs in one of these threads."""
    return threads.done(prepared(material_of("RSA_2048"), "SIGN_VERIFY"), Work.SIGN, call)


@pytest.mark.skipif(sys.platform != "linux", reason="niceness is the process's")
async def test_the_long_calls_give_way_to_the_event_loop() -> None:
    before = niceness()
    assert await long_call(CallThreads(2), niceness) == min(before + CALLS_NICER, 19)
    with threads_for_seconds(2) as pool:
        assert pool.submit(niceness).result() == min(before + SECONDS_NICER, 19)
    assert niceness() == before


def test_threads_that_may_not_be_nicer_work_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int) -> int:
        raise PermissionError

    monkeypatch.setattr("os.nice", refused)
    with threads_for_seconds(1) as pool:
        assert not pool.submit(here).result()


def meeting(parties: int) -> Callable[[], int]:
    """A call that returns its thread as soon as so many threads are in it at once."""
    met = threading.Barrier(parties, timeout=60)

    def meets() -> int:
        met.wait()
        return threading.get_ident()

    return meets


@pytest.mark.parametrize("cores", [1, 2, 5])
async def test_as_many_calls_as_cores_run_at_once_and_no_more(cores: int) -> None:
    threads, meets = CallThreads(cores), meeting(cores)
    idents = await asyncio.gather(*(long_call(threads, meets) for _ in range(3 * cores)))
    assert len(set(idents)) == cores


@pytest.mark.parametrize(("cores", "expected"), [(1, 2), (2, 2), (5, 5)])
def test_what_may_take_seconds_has_a_thread_for_each_core_and_two_at_least(
    cores: int, expected: int
) -> None:
    meets = meeting(expected)
    with threads_for_seconds(cores) as pool:
        idents = {each.result() for each in [pool.submit(meets) for _ in range(2 * expected)]}
    assert len(idents) == expected


async def test_a_call_does_not_wait_while_keys_are_generated() -> None:
    asyncio.get_running_loop().set_default_executor(threads_for_seconds(1))
    spec, called = KEY_SPECS["RSA_4096"], threading.Event()
    *generations, _ = await asyncio.gather(
        generated(spec, partial(called.wait, 60)),
        generated(spec, partial(called.wait, 60)),
        long_call(CallThreads(1), called.set),
    )
    assert generations == [True, True]

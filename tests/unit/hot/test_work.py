"""Which calls run beside the event loop: the long ones, and every key's first."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from crypto.keys import prepared
from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT, Work
from crypto.uses import PublicHalf
from node.hot.work import NICER, done, generated, threads
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


def here() -> bool:
    return threading.current_thread() is threading.main_thread()


@pytest.mark.parametrize("name", KEY_SPECS)
async def test_the_long_calls_run_beside(name: str) -> None:
    spec = KEY_SPECS[name]
    key = prepared(material_of(name), spec.usages[0])
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
        await done(key, Work.DECRYPT, fails)


async def test_symmetric_keys_never_leave_the_event_loop() -> None:
    assert not SYMMETRIC_DEFAULT.slow
    assert prepared(material_of("SYMMETRIC_DEFAULT"), "ENCRYPT_DECRYPT").ready


def niceness() -> int:
    """Of the thread that asks, on Linux."""
    return os.getpriority(os.PRIO_PROCESS, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="niceness is the process's")
def test_the_long_calls_give_way_to_the_event_loop() -> None:
    before = niceness()
    with threads(2) as pool:
        assert pool.submit(niceness).result() == min(before + NICER, 19)
    assert niceness() == before


def test_threads_that_may_not_be_nicer_work_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int) -> int:
        raise PermissionError

    monkeypatch.setattr("os.nice", refused)
    with threads(1) as pool:
        assert not pool.submit(here).result()


@pytest.mark.parametrize(("cores", "expected"), [(1, 2), (2, 2), (5, 5)])
def test_there_are_as_many_threads_as_cores_and_two_at_least(cores: int, expected: int) -> None:
    met = threading.Barrier(expected, timeout=60)

    def meets() -> int:
        met.wait()
        return threading.get_ident()

    with threads(cores) as pool:
        idents = {each.result() for each in [pool.submit(meets) for _ in range(2 * expected)]}
    assert len(idents) == expected

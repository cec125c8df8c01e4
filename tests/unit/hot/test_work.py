"""Which calls run beside the event loop: the long ones, and every key's first."""

from __future__ import annotations

import threading

import pytest

from crypto.keys import prepared
from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT, Work
from crypto.uses import PublicHalf
from node.hot.work import done, generated
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

"""RSA keys for tests that are not about making them: a few of each size, given in turn.

Making one takes 0.05 to 1.5 s of CPU time, which would be a tenth of what all quick tests take.
What makes them is tested as it is in tests/unit/crypto.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

OF_A_SIZE: Final = 4
_make: Final = rsa.generate_private_key


class FewKeys:
    """Stands for rsa.generate_private_key: makes OF_A_SIZE keys of each size, no more."""

    def __init__(self) -> None:
        self._made: dict[int, deque[rsa.RSAPrivateKey]] = defaultdict(deque)

    def __call__(
        self, public_exponent: int, key_size: int, backend: Any = None
    ) -> rsa.RSAPrivateKey:
        made = self._made[key_size]
        few = len(made) < OF_A_SIZE
        made.append(_make(public_exponent, key_size, backend) if few else made.popleft())
        return made[-1]


@pytest.fixture(scope="session")
def rsa_keys() -> FewKeys:
    return FewKeys()


@pytest.fixture(scope="module")
def few_rsa_keys(rsa_keys: FewKeys) -> Iterator[None]:
    """While a module's tests run, there are but a few RSA keys."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rsa, "generate_private_key", rsa_keys)
        yield

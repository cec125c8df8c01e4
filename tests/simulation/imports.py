"""Keys with imported material in the simulation: their owner, and what must be true of them.

Each key has a few materials that its owner keeps; any region may be given any, in any order. They
are wrapped and unwrapped as everywhere; the wrapping keys alone are made once for all simulations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from crypto.imports import WRAPPING_KEY_SPECS
from crypto.material import KeyMaterial, Randomness
from crypto.rsa import generate
from crypto.specs import KeySpec
from node.model.imports import missing
from node.model.key import Key, KeyState
from replication.shared import SharedState
from tests.simulation.memory_store import HeldKey, State

MATERIALS: Final = 4  # that the owner of a key keeps
WRAPPING: Final = "RSAES_OAEP_SHA_256"


def owned(key_id: str, number: int) -> bytes:
    """One of the materials that the owner of a key keeps."""
    return hashlib.sha256(f"{key_id} {number}".encode()).digest()


def owned_id(key_id: str, number: int) -> str:
    """Its ID."""
    return KeyMaterial.of(key_id, owned(key_id, number)).material_id


def wrapped(material: bytes, public_key: bytes) -> bytes:
    """What the owner sends: the material under the wrapping key of GetParametersForImport."""
    key = load_der_public_key(public_key)
    assert isinstance(key, RSAPublicKey)
    return key.encrypt(material, OAEP(MGF1(SHA256()), SHA256(), None))


def wrapping_key(spec: KeySpec, _: Randomness) -> bytes:
    """In the place of crypto.rsa.generate, which takes long."""
    return _wrapping_key(spec.name)


@cache
def _wrapping_key(spec: str) -> bytes:
    return generate(WRAPPING_KEY_SPECS[spec], bytes)


def external(state: State) -> list[tuple[str, HeldKey]]:
    """Every key with imported material that a region holds."""
    return [each for each in sorted(state.keys.items()) if is_external(each[1].key)]


def is_external(key: Key) -> bool:
    """Whether the key's material is imported."""
    return key.origin == "EXTERNAL"


def as_imports_allow(old: Key, new: Key) -> bool:
    """Whether the state of a key changed as it must when the materials that it has did."""
    if not is_external(new):
        return False
    whole = not missing(new) and bool(new.materials.ids)
    if new.state is KeyState.PENDING_IMPORT:
        return not whole
    return whole and (old.state, new.state) == (KeyState.PENDING_IMPORT, KeyState.ENABLED)


def unsettled_imports(name: str, key: HeldKey, shared: SharedState) -> Iterator[str]:
    """What the primary's shared state says wrongly of one region."""
    pending = shared.materials.pending_import
    if pending is None or name not in shared.regions:
        return
    holds = pending.material_id in key.held
    if holds != (name in pending.regions):
        yield f"the primary of {shared.key_id} is wrong about what {name} has imported"

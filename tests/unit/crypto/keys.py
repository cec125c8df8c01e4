"""One key of every spec and usage, made once: RSA takes its time."""

from functools import cache
from random import Random

from crypto.keys import generate_material, prepared
from crypto.material import KeyMaterial
from crypto.specs import KEY_SPECS
from crypto.uses import PreparedKey

KEY_ID = "mrk-" + "8" * 32
PAIRS = [(spec.name, usage) for spec in KEY_SPECS.values() for usage in spec.usages]
SIGNING = [
    (spec.name, algorithm)
    for spec in KEY_SPECS.values()
    for algorithm in spec.algorithms.get("SIGN_VERIFY", ())
]


def material_of(spec: str, number: int = 0) -> KeyMaterial:
    """Material of a spec; another number, other material."""
    return _material(spec, number)


@cache
def key_of(spec: str, usage: str, number: int = 0) -> PreparedKey:
    """A key object of a spec for a usage."""
    return prepared(material_of(spec, number), usage)


@cache
def _material(spec: str, number: int) -> KeyMaterial:
    return generate_material(KEY_ID, spec, Random(f"{spec} {number}").randbytes)

"""Key material as a seed file has it: base64 of what ImportKeyMaterial takes for the key's spec."""

from __future__ import annotations

import base64

from crypto.errors import IncorrectKeyMaterial
from crypto.keys import imported_material
from node.seeds.document import SeedKey


def given_material(key: SeedKey) -> bytes | None:
    """The bytes of a key's material, if it is given. ValueError if they are not in base64."""
    if key.material is None:
        return None
    return base64.b64decode("".join(key.material.split()), validate=True)


def check_material(key: SeedKey) -> None:
    """Raise ValueError, with the end of a sentence that does not repeat it, for material that is
    none of the key's spec. For RSA keys this takes up to two seconds.
    """
    try:
        given = given_material(key)
    except ValueError:
        raise ValueError("is not base64") from None
    if given is None:
        return
    try:
        imported_material(key.id, key.spec, given)
    except IncorrectKeyMaterial:
        raise ValueError(f"is no key material of spec {key.spec}") from None

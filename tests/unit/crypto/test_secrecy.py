"""Objects that hold secrets show none of it, whatever is done to them."""

import base64
import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from crypto.errors import CryptoError
from crypto.identity import RegionIdentity
from crypto.imports import ImportToken
from crypto.keys import KeyPair, imported_material, prepared
from crypto.labels import Label
from crypto.material import KeyMaterial
from crypto.primitives import OneTimeAead
from crypto.sealing import RootKey, RootKeyRing
from crypto.specs import KEY_SPECS
from crypto.symmetric import SymmetricCipher

SECRET = bytes(range(0xA0, 0xC0))
KEY_ID = "mrk-" + "5" * 32
MATERIAL = KeyMaterial.of(KEY_ID, SECRET)
ROOT_KEY = RootKey(SECRET)
OF_32_BYTES = [name for name, spec in KEY_SPECS.items() if spec.fits(len(SECRET))]

HOLDERS = {
    "KeyMaterial": MATERIAL,
    "SymmetricCipher": SymmetricCipher(MATERIAL),
    **{f"KeyMaterial of {spec}": KeyMaterial.of(KEY_ID, SECRET, spec) for spec in OF_32_BYTES},
    **{
        f"key of {spec} for {usage}": prepared(KeyMaterial.of(KEY_ID, SECRET, spec), usage)
        for spec in OF_32_BYTES
        for usage in KEY_SPECS[spec].usages
    },
    "ImportToken": ImportToken(KEY_ID, b"\x01" + bytes(8) + b"\x01\x02" + SECRET),
    "KeyPair": KeyPair(SECRET, b"public"),
    "OneTimeAead": OneTimeAead(SECRET, Label.MESSAGE_KEY),
    "RootKey": ROOT_KEY,
    "RootKeyRing": RootKeyRing([ROOT_KEY]),
    "RegionIdentity": RegionIdentity("us-east-1", SECRET, SECRET),
}
holders = pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)


def _reveals(text: str) -> bool:
    """Whether a text has eight bytes of the secret in a row, in any usual spelling."""
    pieces = [SECRET[start : start + 8] for start in range(len(SECRET) - 7)]
    spellings: list[Callable[[bytes], str]] = [
        bytes.hex,
        lambda piece: piece.hex(" "),
        lambda piece: repr(piece)[2:-1],
        lambda piece: repr(list(piece))[1:-1],
        lambda piece: piece.decode("latin-1"),
        lambda piece: str(int.from_bytes(piece, "big")),
    ]
    folded = text.lower()
    found = any(spell(piece).lower() in folded for piece in pieces for spell in spellings)
    encoded = base64.b64encode(SECRET).decode().lower()
    return found or any(encoded[at : at + 12] in folded for at in range(len(encoded) - 12))


def test_the_search_finds_what_it_is_for() -> None:
    spelled = [repr(SECRET), SECRET.hex(), str(list(SECRET)), base64.b64encode(SECRET).decode()]
    assert all(_reveals(f"secret: {text}") for text in spelled)


_TEXTS: dict[str, Callable[[object], str]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": lambda holder: f"{holder} {holder!s:>100}",
    "percent": lambda holder: "%s %r" % (holder, holder),  # noqa: UP031 - logging does this
    "in a container": lambda holder: str([{"key": holder}]),
    "pprint": pprint.pformat,
    "exception": lambda holder: repr(ValueError(holder)) + str(ValueError(holder)),
    "log record": lambda holder: logging.makeLogRecord(
        {"msg": "key %s", "args": (holder,)}
    ).getMessage(),
}


@holders
@pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
def test_no_text_reveals_the_secret(holder: object, text: Callable[[object], str]) -> None:
    assert not _reveals(text(holder))


_COPIES: dict[str, Callable[[Any], object]] = {
    "pickle 0": lambda holder: pickle.dumps(holder, 0),
    "pickle 5": lambda holder: pickle.dumps(holder, 5),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "deepcopy in a container": lambda holder: copy.deepcopy({"key": [holder]}),
    "reduce": lambda holder: holder.__reduce_ex__(4),
    "state": lambda holder: holder.__getstate__(),
    "vars": vars,
    "json": json.dumps,
    "asdict": dataclasses.asdict,
    "replace": dataclasses.replace,
    "msgspec": msgspec.to_builtins,
    "msgpack": msgspec.msgpack.encode,
    "bytes": bytes,
    "iteration": list,
}


@holders
@pytest.mark.parametrize("copied", _COPIES.values(), ids=_COPIES)
def test_it_is_neither_copied_nor_serialised(
    holder: object, copied: Callable[[object], object]
) -> None:
    with pytest.raises((TypeError, AttributeError)) as caught:
        copied(holder)
    assert not _reveals(str(caught.value))


@holders
def test_its_attributes_cannot_be_changed(holder: object) -> None:
    slots = [name for each in type(holder).__mro__ for name in getattr(each, "__slots__", ())]
    names = [name for name in slots if hasattr(holder, name)]
    assert names
    for name in names:
        with pytest.raises(AttributeError):
            setattr(holder, name, None)
        with pytest.raises(AttributeError):
            delattr(holder, name)
    with pytest.raises(AttributeError):
        holder.anything = 1  # type: ignore[attr-defined]


_FAILURES: dict[str, Callable[[], object]] = {
    "material of wrong size": lambda: KeyMaterial.of(KEY_ID, SECRET + b"\x00"),
    "material of no key": lambda: KeyMaterial.of("no key ID", SECRET),
    "material of no type": lambda: KeyMaterial.of(KEY_ID, SECRET.hex()),  # type: ignore[arg-type]
    "material that the ID does not name": lambda: KeyMaterial.checked(KEY_ID, SECRET, "0" * 64),
    "imported material of wrong size": lambda: imported_material(
        KEY_ID, "SYMMETRIC_DEFAULT", SECRET + b"\x00"
    ),
    "imported material of no form": lambda: imported_material(KEY_ID, "ECC_NIST_P256", SECRET),
    "root key of wrong size": lambda: RootKey(SECRET[:31]),
    "root key of no type": lambda: RootKey(SECRET.hex()[:32]),  # type: ignore[arg-type]
    "root key file damaged": lambda: RootKey.decode(ROOT_KEY.encode().replace("a", "b", 1)),
    "root key file of capitals": lambda: RootKey.decode(ROOT_KEY.encode().upper()),
    "signing seed of wrong size": lambda: RegionIdentity("us-east-1", SECRET[:31], SECRET),
    "sealing seed of wrong size": lambda: RegionIdentity("us-east-1", SECRET, SECRET[:31]),
    "identity of no region": lambda: RegionIdentity("", SECRET, SECRET),
    "ring of one key twice": lambda: RootKeyRing([ROOT_KEY, ROOT_KEY]),
    "long plaintext": lambda: SymmetricCipher(MATERIAL).encrypt(SECRET * 200, b"", bytes),
    "long secret": lambda: RootKeyRing([ROOT_KEY]).seal(SECRET * 3000, b"", bytes),
}


@pytest.mark.parametrize("fail", _FAILURES.values(), ids=_FAILURES)
def test_no_error_and_no_traceback_reveals_the_secret(fail: Callable[[], object]) -> None:
    with pytest.raises((CryptoError, TypeError, ValueError)) as caught:
        fail()
    assert not _reveals("".join(traceback.format_exception(caught.value)))
    assert not _reveals(repr(caught.value.args))

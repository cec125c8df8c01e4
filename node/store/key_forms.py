"""A key as its row has it, and back."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any, Final

import msgpack

from node.model import lifecycle
from node.model.imports import expiry_due
from node.model.key import ImportedMaterial, Key, KeyManager, KeyState
from node.store import schema
from node.store.statements import Row
from replication.packing import pack_materials, unpack_materials
from replication.shared import EXTERNAL, pack_shared, unpack_shared

_DERIVED: Final = ("rotation_due", "expiry_due")  # columns that are no field of a key
_FIELDS: Final = tuple(each.name for each in schema.keys.columns if each.name not in _DERIVED)
_ALIKE: Final = ("account", "key_spec", "key_usage", "origin", "description", "policy")
"""Columns in which most keys are alike: their texts are held once for all keys in memory."""


def key_of(row: Row, region: str) -> Key:
    """The key that a row holds."""
    fields = row._asdict()
    for name in _DERIVED:
        fields.pop(name)
    for name in _ALIKE:
        fields[name] = sys.intern(fields[name])
    own, shared = fields["own_materials"], fields["shared"]
    imported = json.loads(fields["imported"] or "[]")
    tags = tuple((key, value) for key, value in json.loads(fields["tags"]))
    return Key(
        **{
            **fields,
            "region": region,
            "manager": KeyManager(fields["manager"]),
            "state": KeyState(fields["state"]),
            "tags": tags,
            "own_materials": None if own is None else unpack_materials(msgpack.unpackb(own)),
            "shared": None if shared is None else unpack_shared(msgpack.unpackb(shared)),
            "imported": tuple(ImportedMaterial(*each) for each in imported),
        }
    )


def shared_texts(key: Key) -> Key:
    """The same key with texts that are held once for all keys in memory, as `key_of` has them."""
    texts: dict[str, Any] = {name: sys.intern(getattr(key, name)) for name in _ALIKE}
    if all(getattr(key, name) is text for name, text in texts.items()):
        return key
    return replace(key, **texts)


def key_values(key: Key) -> dict[str, Any]:
    """The row of a key, column by column."""
    own = key.own_materials
    values = {name: getattr(key, name) for name in _FIELDS}
    values["rotation_due"] = lifecycle.rotation_due(key)
    values["expiry_due"] = expiry_due(key)
    values["imported"] = _imported(key) if key.origin == EXTERNAL else None
    values["own_materials"] = None if own is None else msgpack.packb(pack_materials(own))
    values["manager"] = key.manager.value
    values["state"] = key.state.value
    values["tags"] = json.dumps([list(pair) for pair in key.tags]) if key.tags else "[]"
    values["shared"] = None if key.shared is None else msgpack.packb(pack_shared(key.shared))
    return values


def _imported(key: Key) -> str:
    return json.dumps([[each.material_id, each.valid_to] for each in key.imported])

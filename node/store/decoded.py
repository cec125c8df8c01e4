"""Keys that were read or written last, by their rows: a row that is the same is the same key.

A change of a key is followed by reading it, for the view, and often by the next change. Decoding a
row costs three times what reading it does. What is remembered is a pure function of the row, so
that it is true whoever wrote the row, and whether the transaction was committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.model.key import Key
from node.store.key_forms import key_of, key_values, shared_texts
from node.store.statements import Row

REMEMBERED: Final = 64  # what one transaction may change before the view follows, and no more


class DecodedKeys:
    """The keys of one region's store."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._known: dict[str, tuple[Mapping[str, Any], Key]] = {}

    def key_of(self, row: Row) -> Key:
        """The key that a row holds."""
        values = row._asdict()
        known = self._known.get(row.key_id)
        if known is not None and known[0] == values:
            return known[1]
        key = key_of(row, self._region)
        self._remember(values, key)
        return key

    def row_of(self, key: Key) -> Mapping[str, Any]:
        """The row of a key, column by column."""
        values = key_values(key)
        self._remember(values, shared_texts(key))
        return values

    def _remember(self, values: Mapping[str, Any], key: Key) -> None:
        self._known.pop(key.key_id, None)
        if len(self._known) >= REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[key.key_id] = values, key

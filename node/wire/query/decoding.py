"""From the parameters of a request to its shape, or to the refusal in AWS's words."""

from __future__ import annotations

from typing import Any

import msgspec

from node.model import errors
from node.wire.query.form import tree, values
from node.wire.schema import structure_of
from node.wire.urlencoded import query_pairs
from node.wire.validation import Order, unsatisfied


class FormDecoder:
    """Decodes the requests of one operation."""

    def __init__(self, shape: type[msgspec.Struct]) -> None:
        self._shape = shape

    def decode(self, form: str) -> Any:
        """The request in a form. Raises Serialization or Validation."""
        schema = structure_of(self._shape)
        found = values(schema, tree(query_pairs(form)))
        refusal = unsatisfied(schema, found, Order.PATTERN_FIRST)
        if refusal is not None:
            raise refusal
        try:
            return msgspec.convert(found, self._shape, builtin_types=(bytes,))
        except msgspec.ValidationError:
            pass  # told outside, so that the refusal carries no exception that quotes the value
        raise errors.Serialization

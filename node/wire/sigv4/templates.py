"""Canonical requests from templates: one for each list of signed headers, filled in one step.

A client signs the same headers with each request. Once a signature over them was proved, how the
canonical request is put together is remembered under the list, so that strangers cannot fill the
memory; what is unusual, and what is not known, is put together piece by piece (canonical.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from node.wire.messages import WireRequest
from node.wire.sigv4.canonical import canonical_request


@dataclass(frozen=True, slots=True)
class _Template:
    values: Callable[[Mapping[str, str]], tuple[Any, ...]]
    pieces: list[str]  # with gaps for method, path, the values, and the hash of the payload


class Templates:
    """Makes canonical requests; remembers `capacity` of the lists, the oldest give way."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._known: dict[str, _Template] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, signed_headers: str) -> bool:
        return signed_headers in self._known

    def canonical_request(
        self, request: WireRequest, query: str, signed_headers: str, payload_hash: str
    ) -> bytes:
        """As canonical.canonical_request."""
        known = self._known.get(signed_headers)
        if known is not None and not query:
            try:
                values = known.values(request.headers)
            except KeyError:  # a signed header did not come
                pass
            else:
                pieces = known.pieces.copy()
                pieces[1::2] = (request.method, request.path, *values, payload_hash)
                text = "".join(pieces)
                if "  " not in text and "\t" not in text:
                    return text.encode("utf-8", "surrogateescape")
        return canonical_request(
            request.method, request.path, query, request.headers, signed_headers, payload_hash
        )

    def remember(self, signed_headers: str) -> None:
        """Remember a list of signed headers. Only what was proved is to be remembered."""
        names = signed_headers.split(";")
        if (
            signed_headers in self._known or len(names) < 2
        ):  # of one name, itemgetter gives no tuple
            return
        if len(self._known) >= self._capacity:
            del self._known[next(iter(self._known))]
        before = ["", "\n", f"\n\n{names[0]}:", *(f"\n{name}:" for name in names[1:])]
        pieces = [""] * (2 * len(names) + 7)
        pieces[::2] = [*before, f"\n\n{signed_headers}\n", ""]
        self._known[signed_headers] = _Template(itemgetter(*names), pieces)

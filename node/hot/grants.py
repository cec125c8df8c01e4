"""The grants of one key in memory, by grantee."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from node.model.grant import Grant


class GrantIndex:
    """Every grant of a key that names a grantee principal; it is asked by who calls."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._grantees: dict[str, str | None] = {}
        self._grants: dict[str | None, dict[str, Grant]] = {}
        for grant in grants:
            self.put(grant)

    def put(self, grant: Grant) -> None:
        """Add a grant."""
        grantee = grant.terms.grantee
        self._grantees[grant.grant_id] = grantee
        self._grants.setdefault(grantee, {})[grant.grant_id] = grant

    def remove(self, grant_id: str) -> None:
        """Forget a grant, if it is there."""
        if grant_id not in self._grantees:
            return
        grantee = self._grantees.pop(grant_id)
        held = self._grants[grantee]
        del held[grant_id]
        if not held:
            del self._grants[grantee]

    def __contains__(self, grant_id: str) -> bool:
        return grant_id in self._grantees

    def of(self, grantees: Sequence[str]) -> Iterator[Grant]:
        """The grants of any of these grantees."""
        for grantee in grantees:
            yield from self._grants.get(grantee, {}).values()

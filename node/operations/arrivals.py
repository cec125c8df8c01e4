"""A ciphertext whose key material this region does not hold: a made-up one, or one that came faster
than its material (docs/decisions/0017).

The region reads its store again, then every peer's log once. What still does not open is refused:
as invalid if the region is sure, else with an error that SDKs try again. No other material is ever
tried in the place of the one that the ciphertext names.
"""

from __future__ import annotations

from typing import Final

from crypto.symmetric import SymmetricCipher
from node.hot.at_hand import HotKey
from node.model.errors import InvalidCiphertext, KeyUnavailable
from node.model.key import Key
from node.model.state import check_state
from node.operations.services import Services
from replication.arrival import may_arrive

WAITING_MOST: Final = 64
"""So many requests may wait at once. A further one is told to try again without a wait: whoever
makes ciphertexts up ties up no more than that."""


class Arrivals:
    """Finds the cipher of a material that is not in memory."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting = 0

    async def cipher(self, hot: HotKey, material_id: str) -> SymmetricCipher:
        """The cipher of a material, as soon as the region holds it.

        Raises InvalidCiphertext if the key has no such material, KeyUnavailable if it may have it
        and the region was not sent it yet, and what the key's state forbids by then.
        """
        again = await self._services.view.reloaded_key(hot.key.key_id)
        cipher = _cipher(again, material_id)
        if cipher is not None:
            return cipher
        if again is None or again.key.shared is None:
            raise InvalidCiphertext
        if self._waiting >= WAITING_MOST:
            raise _not_here_yet(again.key)
        self._waiting += 1
        try:
            return await self._awaited(again.key, material_id)
        finally:
            self._waiting -= 1

    async def _awaited(self, key: Key, material_id: str) -> SymmetricCipher:
        view = self._services.view
        heard_everyone = True
        async for heard in self._services.replication.hear():
            heard_everyone = heard and heard_everyone
            cipher = _cipher(view.key_at_hand(key.key_id), material_id)
            if cipher is not None:
                return cipher
        again = await view.reloaded_key(key.key_id)
        cipher = _cipher(again, material_id)
        if cipher is not None:
            return cipher
        if again is None:
            raise InvalidCiphertext
        check_state("Decrypt", again.key)  # imported material may be asked for by now
        evicted = self._services.region in await self._services.store.evicted()
        if may_arrive(
            material_id, again.key.shared, heard_everyone=heard_everyone, evicted=evicted
        ):
            raise _not_here_yet(again.key)
        raise InvalidCiphertext


def _cipher(hot: HotKey | None, material_id: str) -> SymmetricCipher | None:
    return None if hot is None else hot.of_material(material_id, SymmetricCipher)


def _not_here_yet(key: Key) -> KeyUnavailable:
    return KeyUnavailable(
        f"{key.arn} has not received the key material of this ciphertext from its related keys "
        "yet. You can retry the request."
    )

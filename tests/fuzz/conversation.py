"""One conversation: its requests one after the other, each made from what came before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from node.wire.operation_names import TARGET_PREFIX
from tests.fuzz import bodies, judge
from tests.fuzz.memory import Exchange, Memory
from tests.fuzz.sensible import Sense
from tests.fuzz.spoiling import spoil
from tests.fuzz.transport import Connection, Hung, Place, Response, odd_http
from tests.wire.model import MODEL, input_shape

LENGTH = 200  # requests
FIRST_KEYS = 6  # the first requests make keys, so that there is something to ask about
ELSEWHERE = 0.12  # how often the second region is asked, which has replicas alone of these keys
MAKING = {"CreateKey": 0.04, "CreateAlias": 0.02, "GetPublicKey": 0.03}
"""How often an operation is chosen beside its turn, as others need what it answers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and how it went, for the tally; `objection` is None where nothing is wrong."""

    operation: str
    kind: str
    data: bytes
    response: Response
    seconds: float
    objection: str | None

    @property
    def outcome(self) -> str:
        """The status, or the error's name."""
        if self.response.status != 400:
            return str(self.response.status)
        try:
            return str(json.loads(self.response.body)["__type"])
        except (ValueError, KeyError, TypeError):
            return "400"


class Conversation:
    """`number` and `seed` decide everything that it will say, given what it is answered."""

    def __init__(self, seed: int, number: int, places: Sequence[Place]) -> None:
        self._random = Random(f"{seed}:{number}")
        self._memory = Memory()
        account = places[0].administrator.account
        self._sense = Sense(self._memory, self._random, number, account)
        self._connections = [Connection(place) for place in places]

    async def hold(self, length: int, heard: Callable[[Asked], None]) -> None:
        """Says `length` requests; `heard` is told of each. Ends at one that hangs."""
        try:
            for count in range(length):
                asked = await self._next(count)
                heard(asked)
                if asked.objection == HANGS:
                    return
        finally:
            for connection in self._connections:
                connection.close()

    async def _next(self, count: int) -> Asked:
        random = self._random
        connection = self._connections[-1 if random.random() < ELSEWHERE else 0]
        if count < FIRST_KEYS:
            made = self._sense.members("CreateKey")
            return await self._ask(connection, "sensible", "CreateKey", made, bodies.plain(made))
        operation, members = self._request()
        roll = random.random()
        if roll < 0.5:
            return await self._ask(
                connection, "sensible", operation, members, bodies.plain(members)
            )
        if roll < 0.88:
            spoil(members, input_shape(operation), random)
            return await self._ask(connection, "spoilt", operation, members, bodies.plain(members))
        if roll < 0.97:
            body = bodies.damaged(members, random)
            return await self._ask(connection, "damaged", operation, members, body)
        return await self._ask_oddly(connection, operation, bodies.plain(members))

    def _request(self) -> tuple[str, dict[str, Any]]:
        """An operation of the model with members that make sense."""
        roll = self._random.random()
        found = self._sense.following() if roll < 0.35 else None
        if 0.35 <= roll < 0.4:
            found = self._sense.page_after()
        if found is not None:
            return found
        operation = self._random.choice(MODEL.operation_names)
        if self._random.random() < sum(MAKING.values()):
            (operation,) = self._random.choices([*MAKING], [*MAKING.values()])
        return operation, self._sense.members(operation)

    async def _ask(
        self,
        connection: Connection,
        kind: str,
        operation: str,
        members: dict[str, Any],
        body: bytes,
    ) -> Asked:
        started = time.monotonic()
        try:
            response = await connection.ask(TARGET_PREFIX + operation, body)
        except Hung:
            return Asked(operation, kind, body, _NOTHING, time.monotonic() - started, HANGS)
        found = judge.objection(operation, response)
        if response.status == 200 and found is None and kind != "damaged":
            answer = json.loads(response.body) if response.body else {}
            self._memory.remember(Exchange(operation, members, answer))
        return Asked(operation, kind, body, response, time.monotonic() - started, found)

    async def _ask_oddly(self, connection: Connection, operation: str, body: bytes) -> Asked:
        data = odd_http(connection.place, TARGET_PREFIX + operation, body, self._random)
        started = time.monotonic()
        try:
            response = await connection.send(data)
        except Hung:
            return Asked(operation, "odd HTTP", data, _NOTHING, time.monotonic() - started, HANGS)
        connection.close()  # what is left on it belongs to no request
        found = judge.odd_objection(response)
        return Asked(operation, "odd HTTP", data, response, time.monotonic() - started, found)


HANGS = "no answer"
_NOTHING = Response(0, {}, b"")

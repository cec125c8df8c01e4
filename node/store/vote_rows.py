"""This region's votes for primaries, and what it asked of others, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgpack
from sqlalchemy import delete, select

from node.audit import events
from node.store import schema
from node.store.audit_rows import AuditRows
from node.store.statements import THIS, Row, Statement
from replication.asks import Answer, Ask, Vote
from replication.vote_forms import pack_asked, pack_refused, unpack_asked, unpack_refused

_VOTE: Final = Statement(select(schema.votes).where(schema.votes.c.key_id == THIS))
_ASK: Final = Statement(select(schema.asks).where(schema.asks.c.key_id == THIS))
_ASKS: Final = Statement(select(schema.asks).order_by(schema.asks.c.key_id))
_DELETE_ASK: Final = Statement(delete(schema.asks).where(schema.asks.c.key_id == THIS))


class VoteRows(AuditRows):
    """The transaction's verbs for votes and asks. See replication.ports.ReplicaTransaction."""

    async def vote(self, key_id: str) -> Vote | None:
        """This region's last vote."""
        row = await self._connection.first(_VOTE, {"this": key_id})
        return None if row is None else Vote(row.key_id, row.epoch, row.candidate)

    async def put_vote(self, vote: Vote, cast: float | None = None) -> None:
        """Keep this vote. One for another region is an event of the key; a region that votes for
        itself was called to.
        """
        values = {"key_id": vote.key_id, "epoch": vote.epoch, "candidate": vote.candidate}
        await self._put(schema.votes, values)
        key = await self._keys.key(vote.key_id)
        if cast is not None and key is not None and vote.candidate != self._sealer.region:
            self.note(events.voted(key, vote), cast)

    async def ask(self, key_id: str) -> Ask | None:
        """What this region asked last."""
        row = await self._connection.first(_ASK, {"this": key_id})
        return None if row is None else _ask_of(row)

    async def asks(self) -> Sequence[Ask]:
        """Every ask that is kept."""
        return [_ask_of(row) for row in await self._connection.rows(_ASKS)]

    async def put_ask(self, ask: Ask) -> None:
        """Keep this ask."""
        answers = [
            [each.region, each.vote, None if each.refusal is None else pack_refused(each.refusal)]
            for each in ask.answers
        ]
        values = {
            "key_id": ask.key_id,
            "epoch": ask.epoch,
            "since": ask.since,
            "withdrawn": ask.withdrawn,
            "asked": msgpack.packb(pack_asked(ask.payload)),
            "answers": msgpack.packb(answers),
        }
        await self._put(schema.asks, values)

    async def delete_ask(self, key_id: str) -> None:
        """Keep no ask of this key."""
        await self._connection.run(_DELETE_ASK, {"this": key_id})


def _ask_of(row: Row) -> Ask:
    asked = unpack_asked(msgpack.unpackb(row.asked))
    answers = tuple(
        Answer(region, vote, None if refusal is None else unpack_refused(refusal))
        for region, vote, refusal in msgpack.unpackb(row.answers)
    )
    return Ask(asked.shared, row.epoch, asked.regions, row.since, answers, row.withdrawn)

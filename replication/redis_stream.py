"""The stream port on a Redis-compatible server: one stream key per region, one field per entry.

    keyspan:{us-east-1}:log    entries `e` with explicit IDs `<sequence>-0` (decision D5)

The braces are a Redis Cluster hash tag: the log and the key it is rewritten through are in one
slot, so that RENAME can put one in the place of the other at once. Commands: XADD, XREAD, XRANGE,
XREVRANGE, XTRIM MINID, XINFO STREAM (Redis 6.2 and later, Valkey).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from replication.entries import StreamEntry
from replication.errors import StreamConflict, StreamUnavailable
from replication.ports import StreamShape

FIELD: Final = b"e"
SOCKET_TIMEOUT_SECONDS: Final = 5.0
CONNECT_TIMEOUT_SECONDS: Final = 2.0
T = TypeVar("T")


def log_key(region: str) -> str:
    """The key of a region's log stream in its Redis server."""
    return f"keyspan:{{{region}}}:log"


class RedisStream:
    """A region's log on a Redis server; both the writer's and the readers' side of the port."""

    def __init__(self, url: str, region: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            client_name="keyspan",
        )
        self._key = log_key(region)
        self._rewritten = f"{self._key}:rewritten"

    async def read(self, after: str, count: int, wait_seconds: float) -> Sequence[StreamEntry]:
        """See ports.StreamReader."""
        block = max(1, int(wait_seconds * 1000)) if wait_seconds > 0 else None
        answer: Any = await _asked(self._redis.xread({self._key: after}, count=count, block=block))
        streams = (
            answer.values() if isinstance(answer, dict) else [each[1] for each in answer or ()]
        )
        return [_entry(each) for batch in streams for each in _flat(batch)]

    async def last(self) -> StreamEntry | None:
        """See ports.StreamReader."""
        found: Any = await _asked(self._redis.xrevrange(self._key, count=1))
        return _entry(found[0]) if found else None

    async def append(self, entries: Sequence[StreamEntry]) -> None:
        """See ports.StreamWriter."""
        await _asked(self._added(self._key, entries))

    async def range(self, start: str, count: int) -> Sequence[StreamEntry]:
        """See ports.StreamWriter."""
        found: Any = await _asked(self._redis.xrange(self._key, min=start, count=count))
        return [_entry(each) for each in found]

    async def shape(self) -> StreamShape:
        """See ports.StreamWriter."""
        try:
            info: Any = await _asked(self._redis.xinfo_stream(self._key))
        except _NoSuchKey:
            return StreamShape(0, "0-0")
        return StreamShape(int(info["length"]), _text(info["last-generated-id"]))

    async def trim(self, first: str) -> None:
        """See ports.StreamWriter."""
        await _asked(self._redis.xtrim(self._key, minid=first, approximate=False))

    async def replace(self, batches: Callable[[], Awaitable[Sequence[StreamEntry]]]) -> None:
        """See ports.StreamWriter."""
        await _asked(self._redis.delete(self._rewritten))
        written = False
        while batch := await batches():
            await _asked(self._added(self._rewritten, batch))
            written = True
        if written:
            await _asked(self._redis.rename(self._rewritten, self._key))
        else:
            await _asked(self._redis.delete(self._key))

    async def close(self) -> None:
        """Let the connections go."""
        await self._redis.aclose()

    async def _added(self, key: str, entries: Sequence[StreamEntry]) -> None:
        """Add entries at once (MULTI): who waits for the first of them is given all, and applies
        them in one transaction.
        """
        if len(entries) == 1:
            await self._redis.xadd(key, {FIELD: entries[0].data}, id=entries[0].id)
            return
        async with self._redis.pipeline(transaction=True) as pipeline:
            for entry in entries:
                pipeline.xadd(key, {FIELD: entry.data}, id=entry.id)
            await pipeline.execute()


class _NoSuchKey(StreamUnavailable):
    """XINFO of a stream that does not exist."""


async def _asked(command: Awaitable[T]) -> T:
    """The server's answer, its failures in the port's own words. Never the URL: it may hold a
    password.
    """
    try:
        return await command
    except ResponseError as error:
        raise _response_error(str(error)) from None
    except (RedisError, OSError, TimeoutError) as error:
        raise StreamUnavailable(f"{type(error).__name__}") from None


def _response_error(text: str) -> Exception:
    if "no such key" in text:
        return _NoSuchKey(text)
    if "equal or smaller than the target stream top item" in text or "WRONGTYPE" in text:
        return StreamConflict("the stream holds what this region did not write")
    return StreamUnavailable(text)


def _flat(batch: Any) -> Any:
    """redis-py wraps the entries of a stream once more in its RESP3 form."""
    return batch[0] if batch and isinstance(batch[0], list) else batch


def _entry(found: Any) -> StreamEntry:
    identifier, fields = found
    data = fields.get(FIELD, b"") if isinstance(fields, dict) and len(fields) == 1 else b""
    return StreamEntry(_text(identifier), data)


def _text(identifier: Any) -> str:
    return identifier.decode("ascii") if isinstance(identifier, bytes) else str(identifier)

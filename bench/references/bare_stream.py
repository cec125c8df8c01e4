"""The bare stream: reads what is added to a stream as soon as it is there, and nothing more.

    python -m bench.references.bare_stream URL KEY COUNT

It says "ready" when it waits, and at the end, in one line of JSON, when each entry arrived, in
seconds of the clock that all processes of a machine share (CLOCK_MONOTONIC).
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import uvloop
from redis.asyncio import Redis


async def main(url: str, key: str, count: int) -> None:
    stream = Redis.from_url(url)
    last = "0"
    arrived: list[float] = []
    await stream.ping()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while len(arrived) < count:
        answer: Any = await stream.xread({key: last}, block=10_000)
        now = time.monotonic()
        for _, entries in answer.items() if isinstance(answer, dict) else answer:
            flat = entries[0] if entries and isinstance(entries[0], list) else entries
            last = flat[-1][0]
            arrived += [now] * len(flat)
    sys.stdout.write(json.dumps(arrived) + "\n")
    await stream.aclose()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))

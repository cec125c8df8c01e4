"""Reference (e): the honest minimum on an aiohttp Application."""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop
from aiohttp import web

from bench.references.minimum import CONTENT_TYPE, Minimum, minimum


async def application(honest: Minimum) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        answered = honest.answer(request.method, request.raw_path, request.headers, body)
        status = 200 if answered else 403
        return web.Response(status=status, body=answered, content_type=CONTENT_TYPE)

    server = web.Application()
    server.router.add_post("/", answer)
    return server


if __name__ == "__main__":
    loop = uvloop.new_event_loop()
    made = application(minimum(Path(sys.argv[2])))
    web.run_app(
        made, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None, loop=loop
    )

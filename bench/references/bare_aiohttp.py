"""Reference (a): an aiohttp Application on uvloop that answers a fixed body to anyone."""

from __future__ import annotations

import sys

import uvloop
from aiohttp import web

ANSWER = b'{"KeyId":"%s","Plaintext":"%s","KeyMaterialId":"%s"}' % (b"k" * 75, b"p" * 44, b"m" * 64)


async def answer(_: web.Request) -> web.Response:
    return web.Response(body=ANSWER, content_type="application/x-amz-json-1.1")


async def application() -> web.Application:
    server = web.Application()
    server.router.add_post("/", answer)
    return server


if __name__ == "__main__":
    loop = uvloop.new_event_loop()
    port = int(sys.argv[1])
    web.run_app(application(), host="127.0.0.1", port=port, access_log=None, print=None, loop=loop)

"""Calls to one region's node over kept connections, signed as every client's are."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from node.settings import Administrator
from node.wire.messages import WireRequest
from node.wire.operation_names import TARGET_PREFIX
from node.wire.sigv4 import Scope, sign

__all__ = ["TIMED_OUT", "UNREACHABLE", "CallFailed", "RegionCalls", "bytes_of", "text_of"]

UNREACHABLE: Final = "unreachable"
TIMED_OUT: Final = "no answer in time"
_CONTENT_TYPE: Final = "application/x-amz-json-1.1"
_LARGEST_CODE: Final = 100


class CallFailed(Exception):
    """A call that got no answer, or an error. `code` is KMS's, or one of the two above.

    `lost` says that it was sent and may have been done: only the answer is missing.
    """

    def __init__(self, code: str, lost: bool) -> None:
        super().__init__(code)
        self.code = code
        self.lost = lost


class RegionCalls:
    """One client of one region; use it within one event loop, and close it there."""

    def __init__(
        self,
        region: str,
        endpoint: str,
        administrator: Administrator,
        timeout_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.region = region
        self._url = f"{endpoint}/"
        self._host = urlsplit(endpoint).netloc
        self._administrator = administrator
        self._clock = clock
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            connector=aiohttp.TCPConnector(limit=0),
        )

    async def close(self) -> None:
        await self._session.close()

    async def call(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of an operation of KMS. Raises CallFailed."""
        body = json.dumps(members).encode()
        try:
            async with self._session.post(
                self._url, data=body, headers=self._signed(TARGET_PREFIX + operation, body)
            ) as response:
                answer = await response.read()
                status = response.status
        except aiohttp.ClientConnectorError:
            raise CallFailed(UNREACHABLE, lost=False) from None
        except TimeoutError:
            raise CallFailed(TIMED_OUT, lost=True) from None
        except (aiohttp.ClientError, OSError):
            raise CallFailed(UNREACHABLE, lost=True) from None
        if status != HTTPStatus.OK:
            raise CallFailed(_code(status, answer), lost=False)
        decoded: dict[str, Any] = json.loads(answer) if answer else {}
        return decoded

    def _signed(self, target: str, body: bytes) -> dict[str, str]:
        headers = {"host": self._host, "content-type": _CONTENT_TYPE, "x-amz-target": target}
        bare = WireRequest("POST", "/", "", headers, body, "")
        administrator = self._administrator
        signature = sign(
            bare,
            administrator.access_key_id,
            administrator.secret_access_key,
            Scope(self.region, "kms"),
            self._clock(),
        )
        return {**headers, **signature}


def text_of(data: bytes) -> str:
    """Bytes as AWS JSON 1.1 carries them."""
    return base64.b64encode(data).decode()


def bytes_of(text: str) -> bytes:
    """The bytes of a member of an answer."""
    return base64.b64decode(text)


def _code(status: int, answer: bytes) -> str:
    try:
        return str(json.loads(answer)["__type"]).rpartition("#")[2][:_LARGEST_CODE]
    except (ValueError, KeyError, TypeError):
        return f"HTTP status {status}"

"""The forms that single settings must have.

Each function takes the text of one setting and gives its value, or raises ValueError with the end
of the sentence "the setting …".
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from node.settings.streams import stream_problem

__all__ = ["account", "endpoint", "listen", "region", "stream"]

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"([a-z]+-){2,3}[0-9]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_PORTS = range(1, 65536)


def account(text: str) -> str:
    """An AWS account ID: twelve digits."""
    if not _ACCOUNT.fullmatch(text):
        raise ValueError("is not an account ID, which has twelve digits")
    return text


def region(text: str) -> str:
    """A region's name in the form that AWS SDKs take, such as us-east-1 or us-gov-west-1."""
    if not _REGION.fullmatch(text):
        raise ValueError(f"{text!r} is not the name of a region such as us-east-1")
    return text


def listen(text: str) -> tuple[str, int]:
    """A place to listen on, `HOST:PORT` or `[IPv6]:PORT`, as its host and its port."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdecimal() or int(port) not in _PORTS:
        raise ValueError("is not HOST:PORT with a port from 1 to 65535")
    if host.startswith("[") and host.endswith("]"):
        return str(_ipv6(host[1:-1])), int(port)
    if not _HOST.fullmatch(host):
        raise ValueError("is not HOST:PORT, as in 127.0.0.1:4601")
    return host, int(port)


def endpoint(text: str) -> str:
    """The URL at which clients reach a node: a scheme, a host, a port, and nothing after."""
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.scheme not in ("http", "https"):
        raise ValueError("is not a URL such as http://127.0.0.1:4601")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be a URL of a scheme, a host and a port alone")
    return text.rstrip("/")


def stream(text: str) -> str:
    """The URL of a region's Redis-compatible server; see `streams.py` for what is accepted."""
    problem = stream_problem(text)
    if problem:
        raise ValueError(problem)
    return text


def _ipv6(text: str) -> ipaddress.IPv6Address:
    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        raise ValueError("has no IPv6 address between its brackets") from None

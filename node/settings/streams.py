"""URLs of Redis-compatible servers: what is accepted, and how one is shown.

Three schemes, as registered for Redis and as redis-py reads them: `redis://` (TCP), `rediss://`
(TLS) and `unix://` (a socket). Each may name an ACL user and a password. Options that would weaken
TLS, such as `ssl_cert_reqs=none`, are refused: there is no switch that turns a check off.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

__all__ = ["has_password", "stream_problem", "without_password"]

_OPTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "redis": frozenset({"db"}),
        "rediss": frozenset({"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}),
        "unix": frozenset({"db"}),
    }
)
"""The query options that each scheme takes; the scheme's presence here is what makes it known."""

HIDDEN = "***"


def stream_problem(url: str) -> str | None:
    """Say what is wrong with a stream's URL, or None when a client can connect with it.

    The answer completes the sentence "the setting …" and never repeats the URL, because a URL with
    a misplaced character may show its password anywhere.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL that can be read"
    if parts.scheme not in _OPTIONS:
        return "must begin with redis://, rediss:// or unix://"
    place = _unix_problem(parts) if parts.scheme == "unix" else _tcp_problem(parts, port)
    return place or _options_problem(parts)


def has_password(url: str) -> bool:
    """Whether the URL carries a password, so that its file must be private."""
    return bool(urlsplit(url).password)


def without_password(url: str) -> str:
    """The URL as it may be shown: user and place as they are, the password hidden."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:{HIDDEN}@{place}"))


def _unix_problem(parts: SplitResult) -> str | None:
    if parts.hostname:
        return "must give the socket as an absolute path, as in unix:///run/valkey.sock"
    return None if len(parts.path) > 1 else "names no socket, as in unix:///run/valkey.sock"


def _tcp_problem(parts: SplitResult, port: int | None) -> str | None:
    if not parts.hostname:
        return "names no host, as in redis://127.0.0.1:6379/0"
    if port == 0:
        return "has port 0, which nothing can listen on"
    database = parts.path.strip("/")
    return None if not database or database.isdecimal() else "must end in a database number"


def _options_problem(parts: SplitResult) -> str | None:
    known = _OPTIONS[parts.scheme]
    unknown = sorted({name for name, _ in parse_qsl(parts.query)} - known)
    if not unknown:
        return None
    return f"has the option {unknown[0]!r}, and only {', '.join(sorted(known))} can be given"

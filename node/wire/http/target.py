"""The request target of RFC 9112, section 3.2: which path and query a request line asks for."""

from __future__ import annotations

from urllib.parse import urlsplit


def path_and_query(target: bytes) -> tuple[str, str]:
    """Both still percent-encoded. In asterisk and authority form the path is what was sent.

    The absolute form comes from clients that believe they speak to a proxy; its authority is
    checked and then left alone, as one node has one name. Raises ValueError for what is no target.
    """
    if target == b"/":
        return "/", ""
    text = target.decode("ascii")
    if text[0] != "/" and "://" in text:
        absolute = urlsplit(text)
        if absolute.scheme not in ("http", "https") or not absolute.hostname:
            raise ValueError("not an address of HTTP")
        _ = absolute.port  # raises ValueError where it is none
        text = text[text.index("://") + 3 :].removeprefix(absolute.netloc)
        if not text.startswith("/"):  # http://h?x=1 asks for the root
            text = f"/{text}"
    path, _, query = text.partition("?")
    return path, query

"""Reading application/x-www-form-urlencoded, of query strings and of forms.

Source: WHATWG URL, section 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus


def query_pairs(query: str) -> Iterator[tuple[str, str]]:
    """The parameters of a query string or a form, decoded, in their order.

    Bytes outside UTF-8 become U+FFFD, as they do for AWS.
    """
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            yield unquote_plus(name), unquote_plus(value)


def first(form: str, name: str) -> str | None:
    """The first parameter of this name, decoded; None if there is none.

    Quick also in a long form: a name that is itself encoded is not found.
    """
    found = re.search(f"(?:^|&){re.escape(name)}=([^&]*)", form)
    return None if found is None else unquote_plus(found[1])

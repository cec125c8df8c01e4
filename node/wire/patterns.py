"""The patterns of the models, which are Java's, as Python's `re` has to be given them.

Source: java.util.regex.Pattern: `\\d`, `\\w` and `\\s` are ASCII's, `\\p{…}` is Unicode's category.
"""

from __future__ import annotations

from typing import Final

_CATEGORIES: Final = (
    (r"\p{L}", r"\w"),  # letters, numbers and the underscore
    (r"\p{N}", ""),  # among them
    (r"\p{Z}", "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"),
)


def in_python(pattern: str) -> str:
    """A pattern of a model for `re`, as a group.

    Categories are of Unicode, and then so is the whole pattern: those that have both letters and
    numbers among what they take, and the underscore, as the patterns of tags do.
    """
    if r"\p{" not in pattern:
        return f"(?a:{pattern})"
    for category, members in _CATEGORIES:
        pattern = pattern.replace(category, members)
    return f"(?:{pattern})"

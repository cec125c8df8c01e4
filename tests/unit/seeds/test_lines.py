"""On which line each value of a TOML file stands, found in documents of every form."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.seeds.lines import Path, line_of, lines_of

DOCUMENT = '''\
# a comment with [[keys]] and id = "no"
title = "a [[table]] in a string" # and a comment

[[accounts]]
id = "444455556666"

[[keys]]
id = 'literal = "x"'
aliases = [ # one
    "alias/one", # [two
    "alias/]two",
]
policy = """
[[keys]]
id = \\"""not a key
"""

  [keys.tags]
  "a.b" = '1'
  'c d' = "2"

[[keys]]
id = "second"
tags = { team = "payments", x = "[" }
policy = \'\'\'
{"Statement": []}
# id = 3
\'\'\'
description = """one line"""
deep.er.still = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("accounts", 0), 4),
        (("accounts", 0, "id"), 5),
        (("keys", 0), 7),
        (("keys", 0, "id"), 8),
        (("keys", 0, "aliases"), 9),
        (("keys", 0, "aliases", 1), 9),
        (("keys", 0, "policy"), 13),
        (("keys", 0, "tags"), 18),
        (("keys", 0, "tags", "a.b"), 19),
        (("keys", 0, "tags", "c d"), 20),
        (("keys", 1), 22),
        (("keys", 1, "id"), 23),
        (("keys", 1, "tags", "team"), 24),
        (("keys", 1, "policy"), 25),
        (("keys", 1, "description"), 29),
        (("keys", 1, "deep", "er", "still"), 30),
        (("keys", 1, "missing"), 22),
        (("keys", 7, "id"), 7),
    ],
)
def test_a_document_of_every_form(path: Path, line: int) -> None:
    tomllib.loads(DOCUMENT)
    assert line_of(path, lines_of(DOCUMENT)) == line


def test_the_ends_of_lines_of_windows() -> None:
    lines = lines_of(DOCUMENT.replace("\n", "\r\n"))
    assert line_of(("keys", 1, "id"), lines) == 23


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=12)
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Path, int]]:
    """A document of tables in arrays, and where each of its keys was written."""
    lines: list[str] = []
    places: dict[Path, int] = {}
    for number in range(draw(st.integers(0, 3))):
        lines += ["# " + json.dumps(draw(TEXTS), ensure_ascii=False)] * draw(st.integers(0, 2))
        lines.append("[[keys]]")
        places["keys", number] = len(lines)
        for name in draw(st.lists(NAMES, unique=True, max_size=4)):
            value = draw(TEXTS | st.lists(TEXTS, max_size=3))
            places["keys", number, name] = len(lines) + 1
            lines += f"{name} = {draw(forms(value))}".split("\n")
    return "\n".join(lines), places


def forms(value: Any) -> st.SearchStrategy[str]:
    """How a value may be written: a basic string of TOML takes every escape of JSON's."""
    if isinstance(value, list):
        written = [json.dumps(each, ensure_ascii=False) for each in value]
        return st.sampled_from(["[" + ", ".join(written) + "]", "[\n" + ",\n".join(written) + "]"])
    plain = value.replace("\\", "").replace('"', "").replace("'", "").replace("\r", "")
    printable = "".join(each for each in plain if each >= " " or each == "\t")
    return st.sampled_from(
        [json.dumps(value, ensure_ascii=False), f'"""\n{printable}\n"""', f"'''{printable}'''"]
    )


@given(documents())
def test_every_key_is_found_on_its_line(drawn: tuple[str, dict[Path, int]]) -> None:
    text, places = drawn
    tomllib.loads(text)
    found = lines_of(text)
    assert {path: found[path] for path in places} == places

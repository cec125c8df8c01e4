"""docs/formats.md names the labels and sizes that the code has."""

import re
from pathlib import Path

from crypto import ciphertext, identity, imports, sealing
from crypto.labels import Label

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")


def test_the_page_lists_every_label() -> None:
    listed = re.findall(r"^\| `(keyspan/1 [^`]+)` \|", PAGE, re.MULTILINE)
    assert listed == [label.value.decode() for label in Label]


def _fields(heading: str) -> list[tuple[int, str]]:
    """Offset and name of the fields in the first table under a heading, up to the ciphertext."""
    _, _, section = PAGE.partition(f" {heading}\n")
    rows = re.findall(r"^\| (\d+) \| \w+ \| (\w[\w -]*)", section, re.MULTILINE)
    fields = [(int(offset), name.strip()) for offset, name in rows]
    last = [name for _, name in fields].index("ciphertext")
    return fields[: last + 1]


def test_the_page_has_the_offsets_of_the_code() -> None:
    assert _fields("Ciphertext")[-1] == (ciphertext.HEADER_SIZE, "ciphertext")
    assert _fields("Sealed at rest")[-1] == (sealing.HEADER_SIZE, "ciphertext")
    assert _fields("Sealed to a region")[-1] == (identity.SHORTEST - 1 - 16, "ciphertext")


def test_the_page_has_the_limits_of_the_code() -> None:
    assert f"{ciphertext.SHORTEST} to {ciphertext.LONGEST} bytes" in PAGE
    assert f"ciphertext, 1 to {sealing.SECRET_LIMIT}" in PAGE
    assert f"ciphertext, 1 to {identity.SECRET_LIMIT}" in PAGE


def test_the_page_numbers_the_wrapping_algorithms_as_the_code_does() -> None:
    listed = re.findall(r"^\| (\d) \| `(RSA\w+)` \| `OAEP", PAGE, re.MULTILINE)
    rows = imports.WRAPPING_ALGORITHMS.items()
    assert listed == [(str(each.number), name) for name, each in rows]

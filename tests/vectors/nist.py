"""Reads NIST's CAVP response files, as `cryptography_vectors` carries them."""

import re
from collections.abc import Iterator, Mapping
from typing import IO

import cryptography_vectors


def open_file(name: str) -> IO[str]:
    return cryptography_vectors.open_vector_file(name, "r")


def records(lines: IO[str], section: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The records under every heading that has these `[name=value]` lines."""
    heading: dict[str, str] = {}
    record: dict[str, str] = {}
    within_heading = False
    for line in map(str.strip, lines):
        if bracketed := re.fullmatch(r"\[(\w+)\s*=\s*(\w+)\]", line):
            heading = heading if within_heading else {}
            heading[bracketed[1]] = bracketed[2]
            within_heading = True
        elif named := re.fullmatch(r"(\w+)\s*=\s*(\w*)", line):
            within_heading = False
            record[named[1]] = named[2]
        elif line == "FAIL":
            record["FAIL"] = line
        elif not line:
            if record and section.items() <= heading.items():
                yield record
            record = {}
    if record and section.items() <= heading.items():
        yield record

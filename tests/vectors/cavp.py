"""Reads the vector files whose headings have no name: `[P-256,SHA-256]`, `[EC - SHA256]`.

And the RSA examples of PKCS #1, whose fields are comments. See nist.py for the other kind.
"""

import re
from collections.abc import Iterator

from tests.vectors.nist import open_file

Record = dict[str, str]


def cavp_records(name: str) -> Iterator[tuple[str, Record]]:
    """Each record with the heading it stands under. A field may stand above several records.

    A record ends at an empty line; one without a `Msg`, `COUNT` or `count` is a preamble.
    """
    heading, preamble, record = "", dict[str, str](), dict[str, str]()
    with open_file(name) as lines:
        for line in (*map(str.strip, lines), ""):
            if bracketed := re.fullmatch(r"\[(.+)\]", line):
                heading, preamble = bracketed[1].replace(" ", ""), {}
            elif named := re.fullmatch(r"(\w+)\s*=\s*(.*)", line):
                if named[1] == "count" and record:  # the known answers have no empty lines
                    yield heading, record
                    record = {}
                record[named[1]] = named[2]
            elif not line and record:
                if record.keys() & {"Msg", "COUNT", "count"}:
                    yield heading, preamble | record
                else:
                    preamble |= record
                record = {}


def pkcs1_examples(name: str) -> Iterator[tuple[dict[str, int], list[tuple[bytes, bytes]]]]:
    """Each private key of a PKCS #1 file, with its messages and their encryptions."""
    with open_file(name) as lines:
        text = lines.read()
    for example in re.split(r"^# Private key\b", text, flags=re.MULTILINE)[1:]:
        fields = [
            (title.strip(), _bytes("".join(value.split())))
            for title, value in re.findall(
                r"^# ([\w ]+):\s*\n((?:[0-9a-f ]+\n)+)", example, re.MULTILINE
            )
        ]
        numbers = {title: int.from_bytes(value, "big") for title, value in fields[:8]}
        messages = [value for title, value in fields if title == "Message"]
        encryptions = [value for title, value in fields if title == "Encryption"]
        yield numbers, list(zip(messages, encryptions, strict=True))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.zfill(len(text) + len(text) % 2))  # an exponent may be "10001"

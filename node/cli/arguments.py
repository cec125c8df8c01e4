"""Kinds of arguments that several commands take.

Each turns a word of the command line into a value, or raises ArgumentTypeError with the end of the
sentence "argument --name: …", next step included.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

from node.settings import forms

__all__ = [
    "DEFAULT_DATA",
    "DEFAULT_PORT",
    "DEFAULT_REGIONS",
    "account",
    "folder",
    "port",
    "regions",
]

DEFAULT_DATA = Path(".keyspan")
DEFAULT_PORT = 4601
DEFAULT_REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")

_LAST_PORT = 65535


def regions(text: str) -> tuple[str, ...]:
    """Names of regions, separated by commas, each once."""
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        try:
            forms.region(name)
        except ValueError as error:
            raise ArgumentTypeError(f"{error}; give names separated by commas") from None
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ArgumentTypeError(f"{twice[0]} is named twice; give each region once")
    return names


def port(text: str) -> int:
    """A TCP port."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= _LAST_PORT):
        raise ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to {_LAST_PORT}")
    return int(text)


def folder(text: str) -> Path:
    """A folder that exists or can be made."""
    path = Path(text).expanduser()
    if not text or (path.exists() and not path.is_dir()):
        raise ArgumentTypeError(f"{text!r} is not a folder; give a folder, or a new name for one")
    return path


def account(text: str) -> str:
    """An AWS account ID."""
    try:
        return forms.account(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} {error}") from None

"""Kinds of arguments that several commands take.

Each turns a word of the command line into a value, or raises ArgumentTypeError with the end of the
sentence "argument --name: …", next step included.
"""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from node.quotas.published import RATES
from node.settings import forms
from node.settings.values import WORKERS_MOST

__all__ = [
    "DEFAULT_DATA",
    "DEFAULT_PORT",
    "DEFAULT_REGIONS",
    "account",
    "duration",
    "folder",
    "peer_stream",
    "port",
    "quota",
    "regional_quota",
    "regions",
    "share",
    "shown_duration",
    "workers",
]

DEFAULT_DATA = Path(".keyspan")
DEFAULT_PORT = 4601
DEFAULT_REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")

_LAST_PORT = 65535
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(d|h|m|s|ms)")
_UNITS: Final[Mapping[str, float]] = MappingProxyType(
    {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
)
_SHARE = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,4})?)%")
_MOST_PERCENT = 90
_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")


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


def peer_stream(text: str) -> tuple[str, str]:
    """REGION=URL, the URL of a Redis-compatible server."""
    name, _, url = text.partition("=")
    try:
        return forms.region(name), forms.stream(url)
    except ValueError as error:
        raise ArgumentTypeError(f"{error}; give REGION=URL") from None


def quota(text: str) -> tuple[str, float]:
    """NAME=RATE, a request quota of docs/quotas.md in requests per second."""
    name, _, number = text.partition("=")
    if name not in RATES or not _RATE.fullmatch(number) or not float(number):
        raise ArgumentTypeError(
            f"{text!r} is not a request quota; give one of docs/quotas.md, as in Symmetric=50"
        )
    return name, float(number)


def regional_quota(text: str) -> tuple[str, str, float]:
    """REGION:NAME=RATE, a request quota of one region."""
    region, _, rest = text.partition(":")
    try:
        forms.region(region)
    except ValueError as error:
        raise ArgumentTypeError(f"{error}; give REGION:NAME=RATE") from None
    return region, *quota(rest)


def workers(text: str) -> int:
    """How many worker processes."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= WORKERS_MOST):
        raise ArgumentTypeError(f"{text!r} is no number of workers; give 1 to {WORKERS_MOST}")
    return int(text)


def duration(text: str) -> float:
    """A length of time, such as 366d, 12h, 90s or 250ms, in seconds."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ArgumentTypeError(
            f"{text!r} is not a length of time; give a number and d, h, m, s or ms, as in 366d"
        )
    return float(match[1]) * _UNITS[match[2]]


def shown_duration(seconds: float) -> str:
    """A length of time for people, in the form that `duration` takes: the two largest units."""
    left = round(seconds)
    words: list[str] = []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, int(_UNITS[unit]))
        if count:
            words.append(f"{count:,}{unit}")
    return " ".join(words[:2]) or "0s"


def share(text: str) -> float:
    """A share of all, as a percentage such as 5%, as a number from 0 to 0.9."""
    match = _SHARE.fullmatch(text)
    if match is None or float(match[1]) > _MOST_PERCENT:
        raise ArgumentTypeError(f"{text!r} is not a share; give 0% to {_MOST_PERCENT}%")
    return float(match[1]) / 100


def account(text: str) -> str:
    """An AWS account ID."""
    try:
        return forms.account(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} {error}") from None

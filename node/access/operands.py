"""What a condition compares a request's value with, one class for each kind of comparison.

Each is compiled from a text of the policy, with ValueError for a text that is none of its kind, and
tells whether a value of a request matches it. A value of the request that is none of its kind does
not match.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Protocol, TypeVar

from node.access.patterns import Glob, Lookup, Text

_ARN_PARTS: Final = 6
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_YEAR_OR_MONTH: Final = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
_BASIC_TIME: Final = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(.*)", re.ASCII)
T = TypeVar("T")


class Operand(Protocol):
    """One value of a condition."""

    def matches(self, value: str, lookup: Lookup) -> bool:
        """Whether a value of the request matches. Raises patterns.Unresolved."""
        ...


@dataclass(frozen=True, slots=True)
class Anything:
    """Null: any value at all."""

    def matches(self, value: str, lookup: Lookup) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Exact:
    """StringEquals, and StringEqualsIgnoreCase where `fold` is set."""

    text: Text
    fold: bool

    def matches(self, value: str, lookup: Lookup) -> bool:
        wanted = self.text.resolved(lookup)
        return value.lower() == wanted.lower() if self.fold else value == wanted


@dataclass(frozen=True, slots=True)
class Like:
    """StringLike."""

    glob: Glob

    def matches(self, value: str, lookup: Lookup) -> bool:
        return self.glob.matches(value, lookup)


@dataclass(frozen=True, slots=True)
class ArnLike:
    """ArnEquals and ArnLike, which are the same: each of the six parts by itself."""

    parts: tuple[Glob, ...]

    def matches(self, value: str, lookup: Lookup) -> bool:
        found = value.split(":", _ARN_PARTS - 1)
        return len(found) == len(self.parts) and all(
            glob.matches(part, lookup) for glob, part in zip(self.parts, found, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Ordered:
    """The Numeric and Date operators: `compare(value, number)` of two numbers."""

    number: Decimal
    parse: Callable[[str], Decimal]
    compare: Callable[[Decimal, Decimal], bool]

    def matches(self, value: str, lookup: Lookup) -> bool:
        try:
            return self.compare(self.parse(value), self.number)
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Binary:
    """BinaryEquals: the same bytes, both written in base64."""

    content: bytes

    def matches(self, value: str, lookup: Lookup) -> bool:
        try:
            return binary(value) == self.content
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Network:
    """IpAddress: an address in a network; an address alone is a network of one."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network

    def matches(self, value: str, lookup: Lookup) -> bool:
        try:
            return ipaddress.ip_address(value) in self.network
        except ValueError:
            return False


def exact(source: str, *, variables: bool) -> Operand:
    """For StringEquals."""
    return Exact(Text.compiled(source, variables=variables), fold=False)


def exact_ignoring_case(source: str, *, variables: bool) -> Operand:
    """For StringEqualsIgnoreCase."""
    return Exact(Text.compiled(source, variables=variables), fold=True)


def boolean(source: str, *, variables: bool) -> Operand:
    """For Bool: "true" or "false" in any case, or a variable."""
    text = Text.compiled(source, variables=variables)
    if text.fixed and source.lower() not in ("true", "false"):
        raise ValueError(f"{source} is neither true nor false")
    return Exact(text, fold=True)


def like(source: str, *, variables: bool) -> Operand:
    """For StringLike."""
    return Like(Glob.compiled(source, variables=variables))


def arn_like(source: str, *, variables: bool) -> Operand:
    """For ArnEquals and ArnLike. `*` alone is every ARN."""
    parts = ("*",) * _ARN_PARTS if source == "*" else source.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or (parts[0] != "arn" and source != "*"):
        raise ValueError(f"{source} is not an ARN")
    return ArnLike(tuple(Glob.compiled(part, variables=variables) for part in parts))


def numeric(compare: Callable[[Decimal, Decimal], bool]) -> Callable[..., Operand]:
    """For a Numeric operator."""

    def compiled(source: str, *, variables: bool) -> Operand:
        return Ordered(number(source), number, compare)

    return compiled


def dated(compare: Callable[[Decimal, Decimal], bool]) -> Callable[..., Operand]:
    """For a Date operator."""

    def compiled(source: str, *, variables: bool) -> Operand:
        return Ordered(moment(source), moment, compare)

    return compiled


def binary_equals(source: str, *, variables: bool) -> Operand:
    """For BinaryEquals."""
    return Binary(binary(source))


def in_network(source: str, *, variables: bool) -> Operand:
    """For IpAddress."""
    return Network(ipaddress.ip_network(source, strict=False))


def number(text: str) -> Decimal:
    """A decimal number. Raises ValueError."""
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(f"{text} is not a number")
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text} is not a number") from None


def moment(text: str) -> Decimal:
    """Epoch seconds from epoch seconds, or from a date of W3C's profile of ISO 8601, UTC.

    Raises ValueError. Source: https://www.w3.org/TR/NOTE-datetime
    """
    if _YEAR_OR_MONTH.fullmatch(text) is None and _NUMBER.fullmatch(text):
        return Decimal(text)
    return Decimal(repr(_date(text).timestamp()))


def binary(text: str) -> bytes:
    """The bytes that base64 stands for. Raises ValueError."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(f"{text} is not base64") from None


def _date(text: str) -> datetime:
    short = _YEAR_OR_MONTH.fullmatch(text)
    if short is not None:
        return datetime(int(short[1]), int(short[2] or 1), 1, tzinfo=UTC)
    found = datetime.fromisoformat(_BASIC_TIME.sub(r"\1-\2-\3T\4:\5:\6\7", text))
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)

"""`keyspan audit search` and `keyspan audit tail`: reading records from the files of the trails."""

from __future__ import annotations

import heapq
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from node.audit.criteria import (
    Criterion,
    by_member,
    by_principal,
    by_resource,
    name_of,
    resources,
    together,
    username,
)
from node.audit.folder import trail_files
from node.audit.search import Found, Record, Wanted, newest_first, oldest_first
from node.cli.audit.trails import TrailPlace, add_trails, read_trails
from node.cli.command import Command
from node.cli.screen import output

__all__ = ["SEARCH", "TAIL"]

_SEARCH: Final = """\
Find records, newest first: all conditions have to hold. Times are ISO 8601 (UTC without an offset),
or how long ago, such as 90s, 15m, 2h or 7d. Nothing is verified; `keyspan audit verify` does that.
"""
_TAIL: Final = """\
Show the last records, oldest first; with --follow, go on with those that come, until Ctrl-C.
"""
_CRITERIA: Final[dict[str, tuple[Criterion, str]]] = {
    "key": (by_resource, "a key by its ID or ARN, or an alias by its name"),
    "principal": (by_principal, "who called: an ARN, or a user's or session's name"),
    "event": (by_member("eventName"), "the operation, such as Decrypt"),
    "error": (by_member("errorCode"), "the error, such as AccessDenied; any for every error"),
    "request": (by_member("requestID"), "the request ID that the caller was given"),
}
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ANY: Final = "any"
_LIMIT: Final = 50
_FOLLOW_SECONDS: Final = 0.5


def moment(text: str) -> float:
    """A time of the command line, as epoch seconds."""
    if text[-1:] in _UNITS and text[:-1].isdecimal():
        ago = timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
        return (datetime.now(UTC) - ago).timestamp()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} is not a time; give 2026-11-26T18:00:00Z, or 2h for two hours ago"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def count(text: str) -> int:
    """How many records to show."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number; give 1 or more")
    return int(text)


def _add_search(parser: ArgumentParser) -> None:
    add_trails(parser)
    for name, (_, words) in _CRITERIA.items():
        parser.add_argument(f"--{name}", metavar=name.upper(), help=words)
    parser.add_argument("--since", metavar="TIME", type=moment, help="not before")
    parser.add_argument("--until", metavar="TIME", type=moment, help="not after")
    parser.add_argument(
        "--limit", metavar="N", type=count, default=_LIMIT, help=f"at most (default: {_LIMIT})"
    )
    parser.add_argument("--json", action="store_true", help="whole records, one JSON a line")


def _search(arguments: Namespace) -> int:
    wanted = _wanted(arguments)
    trails = read_trails(arguments)
    found = heapq.merge(
        *(newest_first(each.files, wanted) for each in trails), key=_age, reverse=True
    )
    return _show(list(islice(found, arguments.limit)), output(), as_json=arguments.json)


def _wanted(arguments: Namespace) -> Wanted:
    asked = [
        _any_error() if (name, value) == ("error", _ANY) else criterion(value)
        for name, (criterion, _) in _CRITERIA.items()
        if (value := getattr(arguments, name)) is not None
    ]
    return together(*asked, since=arguments.since, until=arguments.until)


def _any_error() -> Wanted:
    return Wanted((b'"errorCode":',), (lambda record: "errorCode" in record,))


def _add_tail(parser: ArgumentParser) -> None:
    add_trails(parser)
    parser.add_argument(
        "-n", dest="limit", metavar="N", type=count, default=10, help="how many (default: 10)"
    )
    parser.add_argument("-f", "--follow", action="store_true", help="go on with those that come")
    parser.add_argument("--json", action="store_true", help="whole records, one JSON a line")


def _tail(arguments: Namespace) -> int:
    trails = read_trails(arguments)
    screen = output()
    found = heapq.merge(
        *(newest_first(each.files, Wanted()) for each in trails), key=_age, reverse=True
    )
    last = list(islice(found, arguments.limit))[::-1]
    _show(last, screen, as_json=arguments.json)
    if arguments.follow:
        for each in _following(trails):
            _show([each], screen, as_json=arguments.json, heading=False)
    return 0


def _following(trails: Sequence[TrailPlace]) -> Iterator[Found]:
    """The records that come from now on, for ever."""
    seen = {each.folder: _end(each) for each in trails}
    while True:
        time.sleep(_FOLLOW_SECONDS)
        for each in trails:
            for found in oldest_first(trail_files(each.folder), Wanted(), seen[each.folder]):
                seen[each.folder] = found.sequence
                yield found


def _end(trail: TrailPlace) -> int:
    last = next(newest_first(trail.files, Wanted()), None)
    return 0 if last is None else last.sequence


def _age(found: Found) -> tuple[str, int]:
    return found.record["eventTime"], found.sequence


def _show(found: Sequence[Found], screen: Console, *, as_json: bool, heading: bool = True) -> int:
    if as_json:
        for each in found:
            screen.print(each.body.decode(), soft_wrap=True)
        return 0
    if not found and heading:
        screen.print("No record.")
        return 0
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=heading)
    for name in ("Time", "Region", "Event", "Principal", "Key", "Error"):
        table.add_column(name, no_wrap=name != "Error", header_style="dim")
    for each in found:
        table.add_row(*_cells(each.record))
    screen.print(table)
    return 0


def _cells(record: Record) -> list[Text]:
    identity = record["userIdentity"]
    who = username(record) or identity.get("invokedBy") or identity.get("accessKeyId") or "unknown"
    return [
        Text(record["eventTime"]),
        Text(record["awsRegion"]),
        Text(record["eventName"]),
        Text(_plain(who)),
        Text(", ".join(name_of(arn) for arn in resources(record))),
        Text(record.get("errorCode", ""), "red"),
    ]


def _plain(text: str) -> str:
    """What a stranger chose, without control characters that a terminal would obey."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


SEARCH = Command("search", "find records", _SEARCH, _add_search, _search)
TAIL = Command("tail", "show the last records", _TAIL, _add_tail, _tail)

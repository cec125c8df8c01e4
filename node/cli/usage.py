"""`keyspan usage`: how keys were used, as a bill would count it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from node.audit.usage import BEFORE_ALL, Count, Which
from node.cli.command import Command, CommandError
from node.cli.place import Place, add_place, endpoint_of, read_place
from node.cli.screen import output
from node.cluster import ClusterError
from node.cluster.client import AdministrationClient

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Show how often each operation was called on each key, and by whom, since the audit trail of each
region began: calls that were served, and calls that were refused. KMS bills requests by 10,000; the
last column counts so. Calls that named no key of the region have none in the table.

Exit status: 0 when every region answers, 1 when one does not, 2 when none does.
"""
_COLUMNS: Final = ("key", "operation", "principal")
_BILLED: Final = 10_000


class _Page(msgspec.Struct):
    region: str
    since: float
    counts: list[Count]
    next_after: Which | None


def _add_arguments(parser: ArgumentParser) -> None:
    add_place(parser)
    parser.add_argument("--region", metavar="REGION", help="one region alone")
    parser.add_argument(
        "--by",
        choices=_COLUMNS,
        action="append",
        default=[],
        help="sum up by this alone (may be repeated)",
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON, for scripts")


def _run(arguments: Namespace) -> int:
    place = read_place(arguments)
    if arguments.region is not None:
        endpoint_of(place, arguments.region)
    names = [arguments.region] if arguments.region else list(place.endpoints)
    found, failed = _ask(place, names)
    if not found:
        raise CommandError(f"no region answers: {failed[0]}; start one and try again.")
    by = arguments.by or list(_COLUMNS)
    rows = _rows(found, by)
    screen = output()
    if arguments.json:
        since = {region: page.since for region, page in found.items()}
        document = msgspec.json.encode({"since": since, "usage": rows, "attention": failed})
        screen.print(msgspec.json.format(document).decode(), soft_wrap=True)
    else:
        _show(found, rows, by, screen)
        for each in failed:
            screen.print(f"! {each}", style="red", soft_wrap=True)
    return 1 if failed else 0


def _ask(place: Place, names: Sequence[str]) -> tuple[dict[str, _Page], list[str]]:
    client = AdministrationClient(place.administrator)
    found: dict[str, _Page] = {}
    failed: list[str] = []
    for name in names:
        try:
            pages = list(_pages(client, name, place.endpoints[name]))
        except (ClusterError, msgspec.MsgspecError) as error:
            failed.append(f"{name}: {error}")
            continue
        counts = [count for page in pages for count in page.counts]
        found[name] = _Page(name, pages[0].since, counts, None)
    return found, failed


def _pages(client: AdministrationClient, region: str, endpoint: str) -> Iterator[_Page]:
    after: Which | None = BEFORE_ALL
    while after is not None:
        answer = client.call(region, endpoint, "GetUsage", {"after": after})
        page = msgspec.json.decode(answer, type=_Page)
        yield page
        after = page.next_after


def _rows(found: Mapping[str, _Page], by: Sequence[str]) -> list[dict[str, Any]]:
    totals: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for region, page in found.items():
        for each in page.counts:
            held = totals[(region, *(getattr(each, name) for name in by))]
            held[0] += each.served
            held[1] += each.refused
    return [
        {
            "region": which[0],
            **dict(zip(by, which[1:], strict=True)),
            "served": served,
            "refused": refused,
            "tenThousands": (served + refused) / _BILLED,
        }
        for which, (served, refused) in sorted(totals.items())
    ]


def _show(
    found: Mapping[str, _Page],
    rows: Sequence[Mapping[str, Any]],
    by: Sequence[str],
    screen: Console,
) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("region", *by):
        table.add_column(name.capitalize(), overflow="fold")
    for name in ("Served", "Refused", "10,000s"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        numbers = (f"{row['served']:,}", f"{row['refused']:,}", f"{row['tenThousands']:.4f}")
        named = [Text(_short(row[name])) for name in ("region", *by)]
        table.add_row(*named, *map(Text, numbers))
    screen.print(table)
    total = sum(row["served"] + row["refused"] for row in rows)
    screen.print(f"{total:,} requests, {total / _BILLED:.4f} times 10,000.")
    for region, page in found.items():
        began = datetime.fromtimestamp(page.since, UTC).strftime("%Y-%m-%d %H:%M UTC")
        screen.print(f"{region} counts since {began}.", style="dim")


def _short(name: str) -> str:
    """A key by its ID, a principal by what stands behind the account; the region says the rest."""
    return name.rpartition(":")[2].removeprefix("key/") if name.startswith("arn:") else name


COMMAND = Command("usage", "show how keys were used", _DESCRIPTION, _add_arguments, _run)

"""The report in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bench.plan import Subject
from bench.report.report import Report
from bench.report.words import COLUMNS, QUANTITY_COLUMNS
from bench.sections.section import Found
from bench.summary import Summary

_HOW_TO_READ: Final = """\
- The server runs on one core, so req/s are requests per second per core; the load generator runs on
  another. CPU µs is the server process's own time per request (`/proc/PID/stat`, user and system),
  which other work on the machine disturbs least.
- Each number is the median over the rounds, which visit the cells in random order. A ratio is taken
  within a round, then its median: **2.00 is twice the rate of the
  reference, or half its CPU time.** On a shared machine absolute numbers can be off by a factor of
  two; ratios are what counts, those of CPU time before those of rates.
- Load is closed-loop: each connection sends a request when it has the answer to the last, so that
  latencies at 32 connections are mostly time in the queue of a saturated server.
- (a) is an aiohttp Application that answers a fixed body to anyone. (e) is the least an honest KMS
  can do on one: hash the body, verify the signature with a cached signing key, decode, AES-256-GCM
  with context, encode; no state, no store, no exact errors. (f) does the same on a raw asyncio
  protocol with httptools. All are in `bench/references/`. moto's server is the mock of AWS that
  most test suites use: it verifies no signature, and keeps everything in memory.
"""


def as_markdown(report: Report, picture: str) -> str:
    """The whole report; `picture` is the name of the plot's file beside it."""
    return "\n".join(_lines(report, picture)) + "\n"


def _lines(report: Report, picture: str) -> Iterator[str]:
    yield "# Keyspan, measured beside references of the same run\n"
    if report.failures:
        yield f"**{report.failures:,} requests failed: this run does not count.**\n"
    yield from _targets(report.sections)
    if report.summaries:
        yield from _data_plane(report.summaries, picture)
    for found in report.sections:
        yield from _section(found)
    yield "## Conditions\n"
    yield from (f"- {name}: {value}" for name, value in report.conditions.items())


def _data_plane(summaries: Sequence[Summary], picture: str) -> Iterator[str]:
    yield "## Data plane\n"
    yield from _table(summaries)
    yield f"\n![requests per second and core]({picture})\n"
    yield from _http_share(summaries)
    yield from _disturbance(summaries)
    yield "### How to read it\n"
    yield _HOW_TO_READ


def _targets(sections: Sequence[Found]) -> Iterator[str]:
    """What was missed, before everything else."""
    judged = [each for found in sections for each in found.quantities if each.met is not None]
    missed = sum(not each.met for each in judged)
    if judged:
        yield f"{len(judged) - missed} of the {len(judged)} targets of its sections are met.\n"


def _section(found: Found) -> Iterator[str]:
    yield f"## {found.title}\n"
    yield f"{found.how}\n"
    if found.skipped:
        yield f"{'**Failed:**' if found.failed else 'Not measured:'} {found.skipped}\n"
    if not found.quantities:
        return
    yield _line(column.heading for column in QUANTITY_COLUMNS)
    yield _line("---:" if column.number else "---" for column in QUANTITY_COLUMNS)
    for quantity in found.quantities:
        yield _line(column.text(quantity) for column in QUANTITY_COLUMNS)
    yield ""


def _table(summaries: Sequence[Summary]) -> Iterator[str]:
    yield _line(column.heading for column in COLUMNS)
    yield _line("---:" if column.number else "---" for column in COLUMNS)
    for summary in summaries:
        yield _line(column.text(summary) for column in COLUMNS)


def _line(fields: Iterable[str]) -> str:
    return f"| {' | '.join(fields)} |"


def _disturbance(summaries: Sequence[Summary]) -> Iterator[str]:
    shares = [each.others_share for each in summaries if each.cell.subject is not Subject.ALONE]
    if shares:
        median = statistics.median(share.median for share in shares)
        most = max(share.most for share in shares)
        yield (
            f"Other processes took {median:.0%} of the server's core while servers were measured "
            f"(median of all cells; {most:.0%} in the worst round).\n"
        )


def _http_share(summaries: Sequence[Summary]) -> Iterator[str]:
    """A Decrypt's CPU time with and without HTTP, where both were measured."""
    found = {
        (each.cell.subject, each.cell.connections): each.cpu_microseconds.median
        for each in summaries
        if each.cell.operation == "Decrypt"
    }
    whole, alone = found.get((Subject.KEYSPAN, 32)), found.get((Subject.ALONE, 1))
    if whole and alone:
        yield (
            f"A Decrypt takes {whole:.0f} µs of CPU at 32 connections, which share the syncs of "
            f"the audit trail, and {alone:.0f} µs when `protocol.handle` is called in a loop "
            "without HTTP, with a sync of its own.\n"
        )

"""report.html: one file that needs no other, in light and in dark, for reading and for printing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from node.drill.record import Event, Record
from node.drill.report.plot import changes_plot, lag_plot, requests_plot, requests_scale
from node.drill.report.series import Series, series_of
from node.drill.report.style import STYLE
from node.drill.samples import Summary
from node.drill.verdict import Criterion, Measures, Verdict

__all__ = ["as_html"]

_NONE: Final = "none"


def as_html(record: Record, measures: Measures, verdict: Verdict) -> str:
    """The text of report.html."""
    series = series_of(record)
    title = escape(record.scenario.title)
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Drill: {title}</title><style>{STYLE}</style></head><body><main>",
            *_head(record, verdict),
            *_tiles(measures),
            *_criteria(verdict.criteria),
            *_timeline(record, series),
            *_steps(record.events),
            *_regions(record, measures),
            *_foot(),
            "</main></body></html>\n",
        ]
    )


def _head(record: Record, verdict: Verdict) -> Iterator[str]:
    word = "passed" if verdict.passed else "failed"
    moment = time.strftime("%F %T UTC", time.gmtime(record.started))
    yield f'<header><p class="kind">Keyspan drill · {escape(record.scenario.name)}</p>'
    yield f'<h1>{escape(record.scenario.title)} <span class="verdict {word}">{word}</span></h1>'
    yield f'<p class="about">{escape(" ".join(record.scenario.about.split()))}</p>'
    yield (
        f'<p class="when">{moment} · {record.seconds:.0f} s of load in '
        f"{escape(', '.join(record.regions))}</p></header>"
    )


def _tiles(measures: Measures) -> Iterator[str]:
    yield '<section class="tiles">'
    tiles = [
        ("RTO, writes", _seconds(measures.write_rto_seconds), "until a write was answered again"),
        (
            "RTO, key management",
            _seconds(measures.management_rto_seconds),
            "until a key could be changed again",
        ),
        (
            "RPO",
            f"{measures.rpo_changes:,} changes",
            f"{measures.rpo_seconds:.2f} s before the fault; "
            f"{measures.superseded_changes:,} superseded later",
        ),
        (
            "Converged",
            _seconds(measures.convergence_seconds),
            "after the last repair",
        ),
        (
            "Requests",
            f"{measures.total.tried:,}",
            f"{measures.total.refused:,} refused, {measures.total.wrong:,} wrong",
        ),
    ]
    if measures.throttled_requests:
        note = f"above a quota; {measures.given_up_requests:,} given up in the end"
        tiles.append(("Throttled", f"{measures.throttled_requests:,}", note))
    for name, value, note in tiles:
        yield (
            f"<div><p>{escape(name)}</p><strong>{escape(value)}</strong>"
            f"<small>{escape(note)}</small></div>"
        )
    yield "</section>"


def _criteria(criteria: Sequence[Criterion]) -> Iterator[str]:
    yield "<section><h2>Verdict</h2><div class='scroll'><table><thead><tr><th></th>"
    yield "<th>What</th><th>Expected</th><th>Found</th></tr></thead><tbody>"
    for each in criteria:
        word, mark = ("passed", "✓") if each.passed else ("failed", "✗")
        yield (
            f'<tr><td class="{word}" title="{word}">{mark}</td><td>{escape(each.name)}</td>'
            f"<td>{escape(each.expected)}</td><td>{escape(each.found)}</td></tr>"
        )
    yield "</tbody></table></div></section>"


def _timeline(record: Record, series: Series) -> Iterator[str]:
    some = any(each.throttled for calls in series.calls.values() for each in calls)
    throttled = '<span class="throttled">throttled</span>' if some else ""
    yield "<section><h2>Timeline</h2>"
    yield (
        f'<p class="legend"><span class="answered">answered</span>{throttled}'
        '<span class="failed">failed</span> requests per second, begun in that second; numbers '
        "are the steps below</p>"
    )
    most = requests_scale(series)
    for region in record.regions:
        yield f"<h3>{escape(region)}</h3>"
        yield requests_plot(region, series.calls[region], most, record.events)
    yield "<h3>Key management</h3>"
    yield f'<p class="legend">{_region_legend(record.regions)} changes acknowledged per second</p>'
    yield changes_plot(series, record.events)
    yield "<h3>Replication lag</h3>"
    yield (
        f'<p class="legend">{_region_legend(record.regions)} entries of the other regions\' logs '
        "that it lacks; no line while it does not answer</p>"
    )
    yield lag_plot(series, record.events)
    yield "</section>"


def _region_legend(regions: Sequence[str]) -> str:
    return "".join(
        f'<span class="region{place % 3}">{escape(region)}</span>'
        for place, region in enumerate(regions)
    )


def _steps(events: Sequence[Event]) -> Iterator[str]:
    yield '<section><h2>Steps</h2><div class="scroll"><table><thead><tr><th>#</th>'
    yield '<th class="number">At</th><th>Kind</th><th>What was done</th></tr></thead><tbody>'
    for number, event in enumerate(events, start=1):
        why = f"<small>{escape(event.why)}</small>" if event.why else ""
        said = escape("\n".join(event.said))
        yield (
            f'<tr><td>{number}</td><td class="number">{event.at:.1f} s</td>'
            f'<td><span class="chip {event.kind.value}">{event.kind.value}</span></td>'
            f"<td><code>keyspan {escape(event.command)}</code>{why}"
            f"<details><summary>what it said</summary><pre>{said}</pre></details></td></tr>"
        )
    yield "</tbody></table></div></section>"


def _regions(record: Record, measures: Measures) -> Iterator[str]:
    yield "<section><h2>Regions</h2><div class='scroll'><table><thead><tr><th>Region</th>"
    for heading in ("Tried", "Answered", "Refused", "Wrong", "Longest refusal"):
        yield f'<th class="number">{heading}</th>'
    yield "<th>Why</th></tr></thead><tbody>"
    for region in record.regions:
        yield _region(region, measures.regions[region])
    yield _region("all", measures.total)
    yield "</tbody></table></div>"
    if record.check is not None:
        yield (
            f"<p>In the end, {record.check.ciphertexts:,} ciphertexts were opened in "
            f"{len(record.regions)} regions: {record.check.opened:,} came out right, "
            f"{record.check.wrong:,} wrong, {record.check.unreadable.total():,} not at all.</p>"
        )
    yield "</section>"


def _region(name: str, summary: Summary) -> str:
    counts = (summary.tried, summary.answered, summary.refused, summary.wrong)
    cells = "".join(f'<td class="number">{count:,}</td>' for count in counts)
    errors = ", ".join(f"{error} ({count:,})" for error, count in summary.errors.most_common())
    longest = _seconds(summary.longest_refusal) if summary.longest_refusal else _NONE
    return (
        f'<tr><td>{escape(name)}</td>{cells}<td class="number">{longest}</td>'
        f"<td>{escape(errors) or _NONE}</td></tr>"
    )


def _foot() -> Iterator[str]:
    yield (
        "<footer><p>RTO runs from the moment when the first fault was complete. RPO is what the "
        "region that took over lacked of what the lost one had acknowledged. The figures and every "
        "series are in <code>report.json</code>; how to read them, in <code>docs/drills.md</code>."
        "</p></footer>"
    )


def _seconds(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f} s"

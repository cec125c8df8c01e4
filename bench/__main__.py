"""`python -m bench`: measure, then write and show the report.

Exit status: 0 when all was measured and every request succeeded, 1 when one did not or a section
failed, 2 when nothing could be measured.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.errors import BenchError
from bench.load.generator import Generator, generator
from bench.machine import Cores, description, take_cores
from bench.measure import Bench
from bench.options import RESULTS, Options, read_options
from bench.plan import Subject, rounds
from bench.report.markdown import as_markdown
from bench.report.plot import as_svg
from bench.report.report import Report, as_json, write
from bench.report.screen import followed, said, section_table, table
from bench.sections.section import Found, Stage, performed
from bench.servers import references, servers
from bench.summary import Sample, summarised
from node.cli.screen import output, remarks
from node.cli.signals import interruptible
from node.cluster import ClusterError

_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells count


def main(words: Sequence[str] | None = None) -> int:
    """Run one command line; without `words`, the one of this process."""
    screen = remarks()
    try:
        options = read_options(words)
        with interruptible():
            return _run(options, screen)
    except (BenchError, ClusterError, OSError) as mistake:
        screen.print(f"bench: {mistake}", style="bold red")
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 2


def _run(options: Options, screen: Console) -> int:
    cores, load = take_cores(), generator()
    conditions = _conditions(options, cores, load)
    for name, value in conditions.items():
        screen.print(f"{name}: {value}", style="dim")
    samples = _measured(options, cores, load, screen) if options.cells else ()
    found = tuple(_sections(options, cores, load, screen))
    report = Report(conditions, summarised(samples), samples, found)
    _write(report, publish=options.publish)
    if report.summaries:
        output().print(table(report.summaries))
    screen.print(f"Written to {RESULTS}/report.md, .json and .svg.")
    if report.failures:
        screen.print(f"{report.failures:,} requests failed; see the report.", style="bold red")
    return 0 if report.complete else 1


def _measured(
    options: Options, cores: Cores, load: Generator, screen: Console
) -> tuple[Sample, ...]:
    here = {Subject.KEYSPAN, Subject.ALONE, *references()}
    cells_here = [cell for cell in options.cells if cell.subject in here]
    order = rounds(cells_here, options.rounds, options.seed)
    cells = [(number, cell) for number, each in enumerate(order, 1) for cell in each]
    with (
        tempfile.TemporaryDirectory(prefix="keyspan-bench-") as folder,
        screen.status("Starting the servers") as progress,
        servers(Path(folder), cores) as running,
    ):
        progress.stop()
        bench = Bench(running, load, cores, Path(folder), options.seconds)
        return tuple(bench.measure(cell, number) for number, cell in followed(cells, screen))


def _sections(options: Options, cores: Cores, load: Generator, screen: Console) -> Iterator[Found]:
    """Each section in a folder of its own, which is removed when it has ended; shown at once."""
    for section in options.sections:
        with (
            tempfile.TemporaryDirectory(prefix="keyspan-bench-") as folder,
            screen.status(section.title) as status,
        ):
            stage = Stage(
                cores,
                load,
                Path(folder),
                options.seconds,
                options.rounds,
                options.seed,
                options.quick,
                said(section.name, status),
            )
            started = time.monotonic()
            found = performed(section, stage)
        took = time.monotonic() - started
        screen.print(f"{section.title}: took {took:.0f} s", style="dim")
        output().print(section_table(found))
        yield found


def _conditions(options: Options, cores: Cores, load: Generator) -> dict[str, str]:
    shared = "" if cores.separate else "; the load generator has NO core of its own"
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        **description(),
        "load generator": load.name,
        "cores": f"server on {cores.server}, load generator on {cores.load}{shared}",
        "moto": "measured" if Subject.MOTO in references() else "not installed (see make bench)",
        "rounds": f"{options.rounds} of {options.seconds} s for each cell, in random order "
        f"(seed {options.seed})",
    }


def _write(report: Report, *, publish: bool) -> None:
    picture = as_svg(report.summaries)
    texts = {".md": as_markdown(report, "report.svg"), ".json": as_json(report), ".svg": picture}
    write(RESULTS, "report", texts)
    if publish:
        published = {**texts, ".md": as_markdown(report, "REPORT.svg")}
        write(RESULTS.parent, "REPORT", published)


if __name__ == "__main__":
    sys.exit(main())

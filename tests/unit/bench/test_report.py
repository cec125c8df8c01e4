"""The report: in Markdown, in JSON, as a picture."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from bench.plan import Cell, Subject
from bench.report.markdown import as_markdown
from bench.report.plot import as_svg
from bench.report.report import Report, as_json
from bench.report.screen import section_table, table
from bench.report.words import number
from bench.sections.section import Found, Quantity, at_least, at_most
from bench.summary import Sample, summarised
from tests.unit.bench.samples import BARE, KEYSPAN, MINIMUM, RAW, sample

ALONE = Cell(Subject.ALONE, "Decrypt", 1)
SAMPLES = (
    sample(KEYSPAN, 1, 8000.0),
    sample(KEYSPAN, 2, 10_000.0),
    sample(MINIMUM, 1, 4000.0),
    sample(MINIMUM, 2, 5000.0),
    sample(BARE, 1, 16_000.0),
    sample(BARE, 2, 20_000.0),
    sample(RAW, 1, 32_000.0),
    sample(RAW, 2, 40_000.0),
    sample(ALONE, 1, 20_000.0),
    sample(ALONE, 2, 20_000.0),
)
FOUND = Found(
    "audit",
    "Audit",
    "Two nodes.",
    (
        Quantity("durable ÷ asynchronous", "", (0.5, 0.9, 0.86), at_least(0.85)),
        Quantity("p50", "ms", (1.5,), at_most(1.0)),
        Quantity("verification", "records per s", (95_000.0, 90_000.0)),
    ),
)
SKIPPED = Found("instructions", "Instructions", "Counted.", skipped="valgrind is not installed.")
SVG = "{http://www.w3.org/2000/svg}"


def report(samples: tuple[Sample, ...] = SAMPLES) -> Report:
    return Report({"load generator": "wrk 4.1.0"}, summarised(samples), samples)


def test_the_table_has_medians_ranges_and_ratios() -> None:
    (line,) = (
        line for line in as_markdown(report(), "it.svg").splitlines() if "| Keyspan |" in line
    )
    fields = [field.strip() for field in line.strip("|").split("|")]
    assert fields[:5] == ["Keyspan", "Decrypt", "32", "9,000", "8,000 to 10,000"]
    assert fields[-4:] == ["0.25", "0.25", "", "0.25 to 0.25"]


def test_conditions_picture_and_cost_of_http_are_told() -> None:
    text = as_markdown(report(), "it.svg")
    assert "load generator: wrk 4.1.0" in text
    assert "(it.svg)" in text
    assert "A Decrypt takes 112 µs of CPU at 32 connections" in text
    assert "and 50 µs when `protocol.handle`" in text


def test_a_run_with_failures_says_at_once_that_it_does_not_count() -> None:
    text = as_markdown(report((*SAMPLES[1:], sample(KEYSPAN, 1, 1.0, failures=1234))), "it.svg")
    assert "1,234 requests failed" in text.splitlines()[2]
    assert "failed" not in as_markdown(report(), "it.svg")


def test_what_others_took_of_the_core_is_told() -> None:
    disturbed = tuple(replace(each, others_share=0.25) for each in SAMPLES)
    assert "Other processes took 25% of the server's core" in as_markdown(report(disturbed), "")


@pytest.mark.parametrize("samples", [SAMPLES, SAMPLES[:2], SAMPLES[-2:]])
def test_every_part_of_a_run_can_be_told(samples: tuple[Sample, ...]) -> None:
    made = report(samples)
    assert as_markdown(made, "it.svg")
    assert table(made.summaries).row_count == len(made.summaries)
    ElementTree.fromstring(as_svg(made.summaries))  # noqa: S314  our own text


def test_bars_are_as_long_as_their_rates_and_within_the_picture() -> None:
    root = ElementTree.fromstring(as_svg(report().summaries))  # noqa: S314  our own text
    background, *bars = (float(each.attrib["width"]) for each in root.iter(f"{SVG}rect"))
    assert bars == pytest.approx([bars[0], 2 * bars[0], bars[0] / 2, 4 * bars[0]])
    assert all(bar < background for bar in bars)


def test_the_json_has_every_sample() -> None:
    document = json.loads(as_json(report()))
    assert len(document["samples"]) == len(SAMPLES)
    assert document["summaries"][0]["cell"] == {
        "subject": "keyspan",
        "operation": "Decrypt",
        "connections": 32,
    }


def test_a_section_is_told_with_its_targets() -> None:
    text = as_markdown(Report({}, (), (), (FOUND, SKIPPED)), "it.svg")
    assert "1 of the 2 targets of its sections are met." in text
    assert "| durable ÷ asynchronous | 0.86 | 0.50 to 0.90 | at least 0.85 | met |" in text
    assert "| p50, ms | 1.50 |  | at most 1 | missed |" in text
    assert "| verification, records per s | 92,500 | 90,000 to 95,000 |  |  |" in text
    assert "Not measured: valgrind is not installed." in text
    assert "Data plane" not in text


def test_a_section_fits_a_terminal_too() -> None:
    assert section_table(FOUND).row_count == len(FOUND.quantities)
    assert "valgrind is not installed" in str(section_table(SKIPPED).title)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (0.004, "0.0040"),
        (0.58, "0.58"),
        (12.34, "12.3"),
        (1234.5, "1,234"),
        (-2.5, "-2.50"),
    ],
)
def test_numbers_have_the_digits_that_count(value: float, shown: str) -> None:
    assert number(value) == shown


def test_the_json_has_every_section() -> None:
    document = json.loads(as_json(Report({}, (), (), (FOUND,))))
    assert document["sections"][0]["quantities"][0]["values"] == [0.5, 0.9, 0.86]

"""Reports: whole, self-contained, and true to the record."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from node.drill.check import Check
from node.drill.record import Record
from node.drill.report import as_html, as_json
from node.drill.samples import THROTTLED, Sample
from node.drill.verdict import judge, measured
from tests.unit.drill.records import A, B, record

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Checks that every tag is closed, and keeps what is asked about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def html(made: Record) -> str:
    found = measured(made)
    return as_html(made, found, judge(made, found))


def test_the_page_is_whole_and_needs_no_other() -> None:
    text = html(record())
    page = Page(text)
    assert page.tags["svg"] == 4  # two regions, key management, lag
    assert not page.tags["script"]
    assert not page.tags["link"]
    assert not page.tags["img"]
    assert "http" not in text.replace("http-equiv", "")
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text


def test_each_plot_is_xml_and_has_every_step() -> None:
    for svg in re.findall(r"<svg.*?</svg>", html(record()), re.DOTALL):
        root = ElementTree.fromstring(svg)  # noqa: S314  our own
        assert len(root.findall("g[@class]")) == 3
        for bar in root.findall("rect"):
            assert float(bar.get("height", "")) > 0
            assert 0 <= float(bar.get("y", "")) <= 140


def test_what_was_throttled_has_a_colour_and_a_figure() -> None:
    assert "Throttled" not in html(record())
    made = record(samples=[Sample(4.5, B, "Encrypt", 0.1, THROTTLED, True)] * 7)
    text = html(made)
    Page(text)
    assert "<p>Throttled</p><strong>7</strong><small>above a quota; 0 given up" in text
    assert '<span class="throttled">throttled</span>' in text
    assert '<rect class="throttled"' in text
    assert '<rect class="failed"' not in text
    document = json.loads(as_json(made, measured(made), judge(made, measured(made))))
    assert document["series"][B]["errors"][4] == {THROTTLED: 7}
    assert document["measures"]["throttled_requests"] == 7


def test_what_comes_from_outside_is_escaped() -> None:
    text = html(record())
    assert "A &lt;test&gt; &amp; more" in text
    assert "<test>" not in text
    assert "It &lt;burns&gt;." in text


@pytest.mark.parametrize(("agreed", "word"), [(True, "passed"), (False, "failed")])
def test_the_verdict_is_at_the_top(agreed: bool, word: str) -> None:
    text = html(record(agreed=agreed))
    assert f'<span class="verdict {word}">{word}</span>' in text


def test_a_drill_that_ended_at_once_has_a_page_too() -> None:
    made = record(
        seconds=0.2, events=(), samples=[], changes=(), looks=(), check=None, failure="<no>"
    )
    text = html(made)
    Page(text)
    assert "&lt;no&gt;" in text


def test_the_document_has_the_figures_and_every_series() -> None:
    made = record(check=Check(100, 199, 0, Counter({(A, "unreachable"): 1})))
    found = measured(made)
    document = json.loads(as_json(made, found, judge(made, found)))
    assert document["verdict"] == "failed"
    assert document["started"] == "2026-09-21T14:13:20Z"
    assert document["measures"]["management_rto_seconds"] == 2.2
    assert document["measures"]["requests"]["refused"] == 60
    assert document["check"]["unreadable"] == [{"region": A, "error": "unreachable", "count": 1}]
    assert [event["kind"] for event in document["events"]] == ["fault", "act", "heal"]
    assert set(document["series"]) == {A, B}
    series = document["series"][A]
    assert len(series["answered"]) == len(series["errors"]) == len(series["changes"]) == 20
    assert series["answered"][0] == 10
    assert series["errors"][4] == {"unreachable": 10}
    assert [each["name"] for each in document["criteria"] if not each["passed"]] == [
        "ciphertexts that do not open"
    ]

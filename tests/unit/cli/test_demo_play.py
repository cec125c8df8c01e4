"""Playing a story: it goes on while steps pass, ends at the first that fails, and says both."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from node.cli.demo.narrator import Narrator
from node.cli.demo.performance import play
from node.cli.demo.stage import Stage, StepFailed, expect_refusal, must
from node.cli.demo.story import STORY, Act, Step


class Playhouse:
    """A stage without a cluster, and what its narrator told."""

    def __init__(self, tmp_path: Path) -> None:
        self._text = io.StringIO()
        narrator = Narrator(Console(file=self._text, width=80), clock=iter(range(100)).__next__)
        self.stage = Stage(cast("Any", None), {}, narrator, tmp_path, "us-east-1", ("b", "c"))

    @property
    def told(self) -> str:
        return self._text.getvalue()


@pytest.fixture
def playhouse(tmp_path: Path) -> Playhouse:
    return Playhouse(tmp_path)


def passing(stage: Stage) -> None:
    stage.narrator.fact("found", "what was looked for")


def failing(_: Stage) -> None:
    raise StepFailed("it was answered")


def forbidden(_: Stage) -> None:
    raise AssertionError("a step after a failed one was played")


def test_a_story_that_goes_well(playhouse: Playhouse) -> None:
    story = [Act("First", (Step("one", passing),)), Act("Second", (Step("two", passing),))]
    assert play(story, playhouse.stage)
    assert "1  First" in playhouse.told
    assert "2  Second" in playhouse.told
    assert "found           what was looked for" in playhouse.told
    assert "All 2 steps went as they should." in playhouse.told
    assert "in all" in playhouse.told
    assert "✗" not in playhouse.told


def test_a_failed_step_ends_the_story(playhouse: Playhouse) -> None:
    story = [
        Act("First", (Step("one", passing), Step("two", failing), Step("three", forbidden))),
        Act("Second", (Step("four", forbidden),)),
    ]
    assert not play(story, playhouse.stage)
    assert "StepFailed: it was answered" in playhouse.told
    assert playhouse.told.count("✗") == 2  # as it happens, and in the closing table
    assert "1 steps went as they should; then one failed" in playhouse.told


def test_an_interruption_is_no_failed_step(playhouse: Playhouse) -> None:
    def interrupted(_: Stage) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play([Act("First", (Step("one", interrupted),))], playhouse.stage)


def test_a_bar_without_a_terminal_prints_nothing(playhouse: Playhouse) -> None:
    with playhouse.stage.narrator.progress("writing", 10) as advance:
        advance(5)
    assert playhouse.told == ""


def test_every_step_of_the_story_has_its_own_text() -> None:
    texts = [step.text for act in STORY for step in act.steps]
    assert len(texts) == len(set(texts)) == 19
    assert all(len(text) <= 60 for text in texts), "it would wrap in 80 columns"


def refused_with(code: str) -> Callable[[], object]:
    def call() -> object:
        raise ClientError({"Error": {"Code": code}}, "Decrypt")

    return call


def test_the_expected_refusal_is_a_success() -> None:
    assert expect_refusal("NotFoundException", refused_with("NotFoundException"))


def test_another_refusal_fails_the_step() -> None:
    with pytest.raises(StepFailed, match="refused with Other, and not with NotFoundException"):
        expect_refusal("NotFoundException", refused_with("Other"))


def test_an_answer_in_the_place_of_a_refusal_fails_the_step() -> None:
    with pytest.raises(StepFailed, match="it was answered, and not refused"):
        expect_refusal("NotFoundException", dict)


def test_what_must_hold_and_does_not_fails_the_step() -> None:
    must(True, "never said")
    with pytest.raises(StepFailed, match="the digests differ"):
        must(False, "the digests differ")

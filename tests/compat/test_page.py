"""docs/compatibility.md is what the code does now, and the run behind it leaves nothing out."""

from __future__ import annotations

import re

import pytest

from node.build import hot_path
from tests.compat.page.cases import CASES
from tests.compat.page.decisions import rows
from tests.compat.page.facts import operation_facts, untried_values
from tests.compat.page.written import PAGE, Run, run, written
from tests.wire.model import MODEL, SERVED, input_shape

# Who reads a member is told from its frame (page/recorder.py), and compiled code has none.
pytestmark = pytest.mark.skipif(hot_path() == "compiled", reason="told of interpreted code")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("page"), lambda _: None)


def test_the_page_is_what_the_code_does(made: Run) -> None:
    assert PAGE.read_text(encoding="utf-8") == written(made), "run `make compatibility`"


def test_what_is_served_is_what_the_tests_take_for_served(made: Run) -> None:
    models = map(MODEL.operation_model, MODEL.operation_names)
    served = {each.name for each in models if operation_facts(each, made.of(each.name)).served}
    assert served == set(SERVED)


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_every_parameter_and_every_value_is_tried(operation: str, made: Run) -> None:
    notes = made.of(operation)
    for name, shape in input_shape(operation).members.items():
        assert any(name in note.given for note in notes), name
        assert not untried_values(name, shape, notes), name


def test_what_was_decided_is_what_is_answered(made: Run) -> None:
    """Where a row of decision 0005 names an error, the call for it ends with that error."""
    asked = [each for each in made.cases if each.operation]
    assert len(asked) > 10
    for each in asked:
        named = re.match(r"\w+Exception", each.decided)
        assert each.answered.startswith(named[0] if named else "answered"), each


def test_no_case_is_asked_that_is_not_decided() -> None:
    assert set(CASES) <= {case for case, _ in rows()}

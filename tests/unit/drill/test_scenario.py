"""Scenarios: what is read, what is refused and on which line, and what steps become."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.cli.drill.steps import check_step
from node.drill.scenario import Kind, Scenario, ScenarioError
from node.drill.scenario_file import parse_scenario
from node.drill.toml_lines import Lines

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
GOOD = """\
# A comment.
title = "A test"
seconds = 10

[load]
requests_per_second = 5

[[step]]
at = 6
heal = "region start {first}"

[[step]]
at = 2.5
fault = "keyspan region kill {first}"
why = "so"

[expect]
rpo_changes = 0
"""
PACKAGED = sorted(
    each.name
    for each in (resources.files("node.drill") / "scenarios").iterdir()
    if each.name.endswith(".toml")
)


def parsed(text: str) -> Scenario:
    return parse_scenario("test", "test.toml", text, check_step)


def test_what_a_file_says() -> None:
    scenario = parsed(GOOD)
    assert (scenario.name, scenario.title, scenario.seconds) == ("test", "A test", 10)
    assert scenario.load.requests_per_second == 5
    assert scenario.load.timeout_seconds == 5
    assert [(step.at, step.kind) for step in scenario.steps] == [(2.5, Kind.FAULT), (6, Kind.HEAL)]
    assert scenario.steps[0].commands(REGIONS) == [["region", "kill", "us-east-1"]]
    assert scenario.steps[0].line == 14
    assert scenario.expect.rpo_changes == 0
    assert scenario.expect.rpo_seconds is None
    assert scenario.least_regions == 2
    assert scenario.uses("region")
    assert not scenario.uses("link")


STAMPEDE = GOOD.replace(
    "requests_per_second = 5",
    """requests_per_second = 5
standby = "{third}"
retries = 2

[quotas."{second}"]
Symmetric = 20
""",
)


def test_clients_that_go_elsewhere_and_regions_with_quotas() -> None:
    scenario = parsed(STAMPEDE)
    assert (scenario.load.standby, scenario.load.retries) == ("{third}", 2)
    assert scenario.standby_in(REGIONS) == "ap-southeast-2"
    assert scenario.quotas_in(REGIONS) == {"eu-west-1": {"Symmetric": 20}}
    assert scenario.least_regions == 3
    assert (parsed(GOOD).standby_in(REGIONS), parsed(GOOD).quotas_in(REGIONS)) == (None, {})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"{third}"', '"us-east-1"', "line 7: us-east-1 is no region; write one of {first}"),
        ('"{second}"', '"{fourth}"', "line 10: {fourth} is no region"),
        ("Symmetric", "Symetric", "line 11: Symetric is not a setting"),
        ("Symmetric = 20", "Symmetric = 0", "line 11: Symmetric must be a number at least 1"),
        ("retries = 2", "retries = 99", "line 8: retries must be a number from 0 to 20"),
    ],
)
def test_what_is_refused_of_them(before: str, after: str, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        parsed(STAMPEDE.replace(before, after))
    assert said in str(refused.value)


WRONG = {
    "no TOML": (("seconds = 10", "seconds = "), "is not TOML: Invalid value (at line 3"),
    "no title": (('title = "A test"', ""), "line 1: title must be a text"),
    "an empty title": (('"A test"', '" "'), "line 2: title must be a text"),
    "no time": (("seconds = 10", ""), "line 1: seconds must be a number from 1 to 86400"),
    "a time in quotes": (("seconds = 10", 'seconds = "10"'), "line 3: seconds must be a number"),
    "a time without end": (("seconds = 10", "seconds = inf"), "line 3: seconds must be a number"),
    "a time that is none": (("seconds = 10", "seconds = nan"), "line 3: seconds must be a number"),
    "an unknown setting": (("seconds = 10", "secs = 10"), "line 3: secs is not a setting"),
    "an unknown table": (("[load]", "[loads]"), "line 5: loads is not a setting of a scenario"),
    "an unknown load": (("requests_per_second", "rate"), "line 6: rate is not a setting"),
    "no load at all": (("_second = 5", "_second = 0"), "line 6: requests_per_second must be a n"),
    "a step too late": (("at = 6", "at = 11"), "line 9: at must be a number from 0 to 10"),
    "a step too early": (("at = 6", "at = -1"), "line 9: at must be a number from 0 to 10"),
    "a step without a time": (("at = 6\n", ""), "line 8: at must be a number"),
    "a step of nothing": (('heal = "region start {first}"', ""), "line 8: a step has one of fau"),
    "a step of two": (('why = "so"', 'act = "rotate {first}"'), "line 12: a step has one of"),
    "an unknown step": (("heal =", "cure ="), "line 10: cure is not a setting of a scenario"),
    "a command of none": (
        ("region start", "regain start"),
        "line 10: there is no command",
    ),
    "a verb of none": (("region start", "region burn"), "line 10: argument"),
    "a word too many": (("start {first}", "start {first} now"), "line 10: 'now' is not known to"),
    "a region of none": (("start {first}", "start {fourth}"), "line 10: {fourth} is no region"),
    "half a placeholder": (("start {first}", "start {first"), "line 10: {first is no region"),
    "half a quote": (("start {first}", "start '{first}"), 'line 10: "region start \'{first}" can'),
    "help": (("region start {first}", "region --help"), "line 10: --help does nothing"),
    "an unknown expectation": (("rpo_changes", "rpo"), "line 18: rpo is not a setting"),
    "an expectation below 0": (
        ("rpo_changes = 0", "rpo_changes = -1"),
        "line 18: rpo_changes m",
    ),
    "an expectation in words": (
        ("rpo_changes = 0", "rpo_changes = true"),
        "line 18: rpo_changes m",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (before, after), said = WRONG[name]
    assert before in GOOD
    with pytest.raises(ScenarioError) as refused:
        parsed(GOOD.replace(before, after))
    sentence = str(refused.value)
    assert sentence.startswith("test.toml")
    assert said in sentence
    assert sentence.endswith(".")


def test_a_file_without_steps() -> None:
    with pytest.raises(ScenarioError, match="line 1: there is no step"):
        parsed('title = "t"\nseconds = 3\n')


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(ScenarioError):
        parsed(text)


@pytest.mark.parametrize("file", PACKAGED)
def test_those_that_come_with_it(file: str) -> None:
    text = (resources.files("node.drill") / "scenarios" / file).read_text(encoding="utf-8")
    scenario = parse_scenario(file.removesuffix(".toml"), file, text, check_step)
    assert scenario.about
    assert scenario.expect.write_rto_seconds is not None
    assert any(step.kind is Kind.FAULT for step in scenario.steps)
    mended = max(step.at for step in scenario.steps if step.kind is Kind.HEAL)
    assert scenario.seconds - mended >= 4, "no load after all is mended"
    assert all(line == "" or len(line) <= 120 for line in text.splitlines())


def commands(words: str, regions: tuple[str, ...] = REGIONS) -> list[str]:
    text = GOOD.replace("keyspan region kill {first}", words)
    return [" ".join(each) for each in parsed(text).steps[0].commands(regions)]


def test_a_star_is_each_of_the_others() -> None:
    assert commands("link cut {second} *") == [
        "link cut eu-west-1 us-east-1",
        "link cut eu-west-1 ap-southeast-2",
    ]
    assert commands("region evict {first} --at *") == [
        "region evict us-east-1 --at eu-west-1",
        "region evict us-east-1 --at ap-southeast-2",
    ]
    assert commands("region kill *") == [f"region kill {region}" for region in REGIONS]


def test_two_stars_are_each_pair_once() -> None:
    assert commands("link heal * *") == [
        "link heal us-east-1 eu-west-1",
        "link heal us-east-1 ap-southeast-2",
        "link heal eu-west-1 ap-southeast-2",
    ]


lines = st.lists(
    st.sampled_from(
        ["", "# [[step]]", "a = 1", "b = 2", "[t]", "[[step]]", 'c = """', "d = 3", '"""', "'''"]
    ),
    max_size=30,
)


@given(lines)
def test_lines_are_where_the_settings_stand(found: list[str]) -> None:
    text = "\n".join(found)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    places = Lines(text)
    for name, value in values.items():
        if isinstance(value, list):
            for index, table in enumerate(value):
                assert found[places.of("step", index) - 1] == "[[step]]"
                for key in table:
                    assert found[places.of("step", index, key) - 1].startswith(f"{key} =")
        elif isinstance(value, dict):
            assert found[places.of(name) - 1] == "[t]"
        else:
            assert found[places.of(name) - 1].startswith(f"{name} =")

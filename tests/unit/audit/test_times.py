"""Times as CloudTrail writes them, also those that callers make up."""

from __future__ import annotations

import pytest

from node.audit.times import epoch_seconds, iso_time, long_date


def test_a_moment_as_the_guide_has_it() -> None:
    assert long_date(1_618_253_910.5) == "Apr 12, 2021 18:58:30 PM"
    assert iso_time(1_618_253_910.5) == "2021-04-12T18:58:30Z"
    assert epoch_seconds("2021-04-12T18:58:30Z") == 1_618_253_910


@pytest.mark.parametrize("moment", [253_402_300_800.0, -1e12, 1e18, 1e308, -1e308])
def test_a_moment_that_no_calendar_has(moment: float) -> None:
    assert long_date(moment) == str(moment)

"""Facts of the directory in simulated regions that are late, crash, and lose their stores."""

from __future__ import annotations

from random import Random

import pytest

from replication.directory import FactChange
from tests.simulation.memory_store import State
from tests.simulation.region import SimulatedRegion
from tests.simulation.stage import AP, EU, US, Stage
from tests.simulation.stepping import finished

NAMES = (US, EU, AP)
KEYS = (("111122223333", "AIDA1", "made"), ("111122223333", "AIDA2", "made"))
ASKED_AGAIN = 30  # seconds: patience, a second search, and the answer


async def _changed(region: SimulatedRegion, change: FactChange) -> None:
    async with region.store.transaction() as transaction:
        await region.directory.change(transaction, [change])


def change(stage: Stage, name: str, random: Random) -> None:
    """A region changes a fact, or takes it back."""
    value = random.choice((b"1", b"2", b"3", None))
    secret = None if value is None else random.choice((None, b"secret"))
    finished(_changed(stage.regions[name], FactChange(random.choice(KEYS), value, secret)))


@pytest.mark.parametrize("seed", range(12))
def test_regions_end_with_the_same_facts(seed: int) -> None:
    """Whoever hears of what first, and whichever store goes back to what it was before."""
    random = Random(seed)
    stage = Stage(*NAMES)
    stage.run(3)
    kept = {name: stage.state(name) for name in NAMES}
    for _ in range(14):
        name = random.choice(NAMES)
        match random.randrange(7):
            case 0:
                stage.restore(name, random.choice((State(), kept[name], stage.state(name))))
            case 6:
                kept[name] = stage.state(name)
            case 1 | 2 | 3:
                change(stage, name, random)
            case _:
                stage.run(random.choice((1, 3)), *random.sample(NAMES, random.choice((1, 2, 3))))
    stage.run(ASKED_AGAIN)
    assert stage.problems() == []
    facts = [stage.state(name).facts for name in NAMES]
    assert facts[0] == facts[1] == facts[2]


def test_what_one_region_heard_of_a_lost_one_reaches_the_third() -> None:
    stage = Stage(*NAMES)
    stage.run(3)
    finished(_changed(stage.regions[US], FactChange(KEYS[0], b"1", b"secret")))
    stage.run(2, US, EU)
    stage.regions[US].crash()
    stage.streams[US].lose()
    stage.run(ASKED_AGAIN, EU, AP)
    assert stage.state(AP).facts == stage.state(EU).facts
    assert stage.state(AP).facts[KEYS[0]].secret == b"secret"

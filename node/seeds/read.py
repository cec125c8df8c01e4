"""From a seed file to a seed that this cluster can hold, or one sentence with the line of what is
wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from node.seeds.check import problems
from node.seeds.document import Seed, SeedAccount, SeedKey
from node.seeds.lines import Path as Place
from node.seeds.toml_file import parsed, text_of, told, unfit

_FIELDS: Final = {
    "accounts": SeedAccount.__struct_fields__,
    "keys": SeedKey.__struct_fields__,
}


def read_seed(path: Path, *, account: str, regions: Sequence[str]) -> Seed:
    """The seed of a file, with its defaults filled in: the cluster's account and first region.

    Raises SettingsError, one sentence with a line, for the first thing that is wrong.
    """
    text = text_of(path, "--seed")
    document = parsed(path, text)
    try:
        seed = msgspec.convert(document, Seed)
    except msgspec.ValidationError as error:
        raise told(path, text, unfit(str(error), _members)) from None
    seed = _filled(seed, account, regions[0])
    for problem in problems(seed, account, regions):
        raise told(path, text, problem)
    return seed


def _members(place: Place) -> Sequence[str]:
    return _FIELDS[str(place[0])] if place else Seed.__struct_fields__


def _filled(seed: Seed, account: str, region: str) -> Seed:
    keys = [
        msgspec.structs.replace(key, account=key.account or account, region=key.region or region)
        for key in seed.keys
    ]
    return msgspec.structs.replace(seed, keys=keys)

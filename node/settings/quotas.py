"""The `[quotas]` table of a node file; all of it may be absent.

[quotas]
keys = 100000                # KMS keys of an account in this region
profile = "kms"              # request quotas as KMS publishes them; without it, none
scale = 0.2                  # of the profile's numbers: a fifth, as a standby region may have

[quotas.requests]            # requests per second, in the place of the profile's or without one
Symmetric = 50
CreateKey = 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from node.quotas.published import RATES, published_rates
from node.settings.table import Table

__all__ = ["QuotaSettings", "read_quotas"]

KEYS: Final = 100_000  # KMS Developer Guide, "Resource quotas"
_PROFILE: Final = "kms"
_LEAST_RATE: Final = 0.001


@dataclass(frozen=True, slots=True)
class QuotaSettings:
    """How many keys an account may have, and how many requests a second; {} is no such limit."""

    keys: int = KEYS
    requests: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


def read_quotas(table: Table, region: str) -> QuotaSettings:
    """Read `[quotas]` of a region's node file."""
    quotas = table.optional_table("quotas")
    requests = quotas.optional_table("requests")
    rates: dict[str, float] = {}
    scale = quotas.number("scale", 1.0, _LEAST_RATE)
    if "profile" in quotas.names():
        if quotas.text("profile") != _PROFILE:
            raise quotas.error("profile", f"is {quotas.text('profile')!r}", 'give "kms"')
        rates = {name: rate * scale for name, rate in published_rates(region).items()}
    elif "scale" in quotas.names():
        raise quotas.error("scale", "scales no profile", 'add profile = "kms"')
    for name in RATES:
        requests.know(name)
        if name in requests.names():
            rates[name] = requests.number(name, 0.0, _LEAST_RATE)
    requests.finish()
    settings = QuotaSettings(quotas.integer("keys", KEYS, 1), rates)
    quotas.know("profile")
    quotas.finish()
    return settings

"""Calls about rotation."""

from __future__ import annotations

from tests.compat.page.asks.common import Calls, values
from tests.compat.page.ground import Ground


def enable_key_rotation(on: Ground) -> Calls:
    yield {"KeyId": on.new_key()}
    yield {"KeyId": on.new_key(), "RotationPeriodInDays": 100}


def get_key_rotation_status(on: Ground) -> Calls:
    key = on.new_key()
    yield {"KeyId": key}
    on.kms.enable_key_rotation(KeyId=key)
    yield {"KeyId": key}
    waiting = on.replicated_key()
    with on.unheard():
        on.kms.rotate_key_on_demand(KeyId=waiting)
        yield {"KeyId": waiting}


def list_key_rotations(on: Ground) -> Calls:
    key = on.new_key()
    for _ in range(2):
        on.kms.rotate_key_on_demand(KeyId=key)
    yield {"KeyId": key}
    for which in values("ListKeyRotations", "IncludeKeyMaterial"):
        yield {"KeyId": key, "IncludeKeyMaterial": which}

"""`[limits]` of a node file."""

from __future__ import annotations

import pytest

from node.cluster import ClusterFolder
from node.settings import SettingsError, read_node_settings
from node.wire.limits import DEFAULT_LIMITS, Limits


def limits(folder: ClusterFolder, text: str) -> Limits:
    path = folder.region("us-east-1").node_file
    path.write_text(f"{path.read_text()}\n{text}\n")
    return read_node_settings(path).limits


def test_without_a_table_the_defaults_hold_and_addresses_have_no_limit(
    folder: ClusterFolder,
) -> None:
    found = limits(folder, "")
    assert found == DEFAULT_LIMITS
    assert (found.connections_per_address, found.requests_per_address) == (0, 0)


def test_what_is_set(folder: ClusterFolder) -> None:
    text = "[limits]\nconnections = 9\nconnections_per_address = 3\nrequests_per_address = 2.5\n"
    found = limits(folder, text + "body_bytes = 70000\nheader_seconds = 1\nkeep_alive_seconds = 5")
    assert found == Limits(
        connections=9,
        connections_per_address=3,
        requests_per_address=2.5,
        body_bytes=70_000,
        header_seconds=1.0,
        keep_alive_seconds=5.0,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("connections = 0", "limits.connections"),
        ("connections_per_address = -1", "limits.connections_per_address"),
        ("body_bytes = 4096", "limits.body_bytes"),
        ("header_seconds = 0", "limits.header_seconds"),
        ("connexions = 5", "connexions"),
    ],
)
def test_mistakes_are_named(folder: ClusterFolder, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        limits(folder, f"[limits]\n{text}")

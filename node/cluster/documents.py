"""The text of the cluster file and of a node file, as `node/settings` reads them.

A basic string of TOML takes every escape of a JSON string (toml.io v1.0, "String"), so JSON's
encoder writes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from crypto.identity import PublicIdentity
from node.cluster.addresses import RegionAddress

__all__ = ["cluster_document", "listening_on", "node_document"]

_CLUSTER_HEAD = """\
# A Keyspan cluster: its regions, where they are, and the keys by which they are known.
# `keyspan up` keeps the endpoints and streams in step with its ports.
"""

_NODE_HEAD = "# One node of a Keyspan cluster. Relative paths are relative to this file.\n"

_LISTEN = re.compile(r"^listen\s*=.*$", re.MULTILINE)


def cluster_document(
    account: str, addresses: Iterable[RegionAddress], identities: Mapping[str, PublicIdentity]
) -> str:
    """The cluster file of these regions, in their order."""
    tables = [_region_table(each, identities[each.region]) for each in addresses]
    return "\n".join([_CLUSTER_HEAD + _line("account", account), *tables])


def node_document(address: RegionAddress) -> str:
    """The node file of one region of a cluster folder."""
    settings: dict[str, object] = {
        "region": address.region,
        "cluster": "../cluster.toml",
        "listen": address.listen,
        "store": "keys.sqlite",
        "identity": "identity.key",
        "root_keys": ["root.key"],
        "administrator": "../credentials.json",
    }
    return _NODE_HEAD + "".join(_line(name, value) for name, value in settings.items())


def listening_on(document: str, address: RegionAddress) -> str:
    """A node file with its `listen` changed and everything else, comments too, as it was."""
    return _LISTEN.sub(_line("listen", address.listen).rstrip(), document, count=1)


def _region_table(address: RegionAddress, identity: PublicIdentity) -> str:
    settings = {"endpoint": address.endpoint, "stream": address.stream, **identity.encode()}
    lines = "".join(_line(name, value) for name, value in settings.items())
    return f"[regions.{address.region}]\n{lines}"


def _line(name: str, value: object) -> str:
    return f"{name} = {json.dumps(value, ensure_ascii=False)}\n"

"""Settings of a node: TOML files, read once into frozen values, refused in one sentence.

`read.py` reads the node file, `cluster.py` the cluster file, `administrator.py` the credentials.
"""

from __future__ import annotations

from node.settings.audit import AuditSettings
from node.settings.cluster import read_cluster_settings
from node.settings.errors import SettingsError
from node.settings.read import (
    NodeAccess,
    read_node_access,
    read_node_audit,
    read_node_settings,
)
from node.settings.values import (
    Administrator,
    ClusterSettings,
    NodeSettings,
    RegionSettings,
)

__all__ = [
    "Administrator",
    "AuditSettings",
    "ClusterSettings",
    "NodeAccess",
    "NodeSettings",
    "RegionSettings",
    "SettingsError",
    "read_cluster_settings",
    "read_node_access",
    "read_node_audit",
    "read_node_settings",
]

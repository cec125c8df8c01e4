"""The cluster file: which regions there are, where they are, and by which keys they are known.

    account = "111122223333"

    [regions.us-east-1]
    endpoint = "http://127.0.0.1:4601"
    stream = "redis://127.0.0.1:4604/0"
    signing_key = "…"
    sealing_key = "…"

It holds no secret, unless a stream's URL carries a password: then it must be private (mode 0600).
"""

from __future__ import annotations

from pathlib import Path

from crypto.identity import PublicIdentity
from node.settings import forms
from node.settings.secrets import refuse_unless_private
from node.settings.streams import has_password
from node.settings.table import Table, read_toml
from node.settings.values import ClusterSettings, RegionSettings

__all__ = ["read_cluster_settings"]


def read_cluster_settings(path: Path) -> ClusterSettings:
    """Read a cluster file.

    Raises SettingsError when it is missing, names no region, or holds a wrong or unknown setting.
    """
    table = read_toml(path)
    account = table.parsed("account", forms.account, "give the account that owns the keys")
    regions = table.table("regions")
    settings = {name: _region(regions, name) for name in regions.names()}
    if not settings:
        raise table.error("regions", "names no region", "add a table such as [regions.us-east-1]")
    table.finish()
    if any(has_password(each.stream) for each in settings.values()):
        refuse_unless_private(path)
    return ClusterSettings(account=account, regions=settings)


def _region(regions: Table, name: str) -> RegionSettings:
    try:
        forms.region(name)
    except ValueError as error:
        raise regions.error(name, str(error), "rename that table") from None
    table = regions.table(name)
    settings = RegionSettings(
        region=name,
        endpoint=table.parsed("endpoint", forms.endpoint, "give where clients reach its node"),
        stream=table.parsed("stream", forms.stream, "give its Redis-compatible server"),
        identity=_identity(table, name),
    )
    table.finish()
    return settings


def _identity(table: Table, region: str) -> PublicIdentity:
    keys = {name: table.text(name) for name in ("signing_key", "sealing_key")}
    try:
        return PublicIdentity.decode(region, keys)
    except ValueError as error:
        problem = f"do not make a public identity ({error})"
        remedy = f"copy both from the cluster file that `keyspan init` wrote for {region}"
        raise table.error("signing_key and sealing_key", problem, remedy) from None

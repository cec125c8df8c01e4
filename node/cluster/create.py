"""Making a cluster's folder, and taking changes over into one that exists.

A new folder is built beside its place and renamed into it, so that a crash leaves no half-made
cluster. Identities, root keys and credentials are made once and never replaced.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from crypto.identity import PublicIdentity, RegionIdentity
from crypto.material import Randomness
from crypto.sealing import RootKey
from node.cluster.addresses import RegionAddress
from node.cluster.credentials import credentials_document, new_administrator
from node.cluster.documents import cluster_document, listening_on, node_document
from node.cluster.errors import ClusterError
from node.cluster.files import create_private, replace
from node.cluster.folder import ClusterFolder, RegionFolder
from node.settings import read_cluster_settings

__all__ = ["DEFAULT_ACCOUNT", "create_cluster", "update_cluster"]

DEFAULT_ACCOUNT = "111122223333"
_PRIVATE_FOLDER = 0o700


def create_cluster(
    folder: ClusterFolder,
    addresses: Sequence[RegionAddress],
    account: str,
    randomness: Randomness,
) -> None:
    """Make a cluster with fresh identities, root keys and an administrator.

    Raises ClusterError when the folder holds a cluster, or anything else, already.
    """
    _refuse_occupied(folder)
    folder.root.parent.mkdir(parents=True, exist_ok=True)
    draft = ClusterFolder(folder.root.with_name(f".{folder.root.name}.{randomness(4).hex()}"))
    try:
        _fill(draft, addresses, account, randomness)
        draft.root.rename(folder.root)
    except BaseException:
        shutil.rmtree(draft.root, ignore_errors=True)
        raise


def update_cluster(
    folder: ClusterFolder, addresses: Sequence[RegionAddress], randomness: Randomness
) -> None:
    """Take changed ports and added regions over into a folder; its keys and data stay.

    Raises ClusterError when a region of the folder is left out: its keys would be out of reach.
    """
    settings = read_cluster_settings(folder.cluster_file)
    missing = [name for name in settings.regions if name not in {a.region for a in addresses}]
    if missing:
        raise ClusterError(
            f"{folder.root} also holds {' and '.join(missing)}, and a region cannot be left out; "
            f"add it to --regions, or use another folder with --data."
        )
    known = {name: region.identity for name, region in settings.regions.items()}
    for address in addresses:
        if address.region not in known:
            known[address.region] = _prepare_region(folder, address, randomness)
        _listen(folder.region(address.region), address)
    replace(folder.cluster_file, cluster_document(settings.account, addresses, known))


def _refuse_occupied(folder: ClusterFolder) -> None:
    if folder.exists():
        raise ClusterError(
            f"{folder.root} already holds a cluster; start it with "
            f"`keyspan up --data {folder.root}`, or name a new folder."
        )
    if folder.root.exists() and (not folder.root.is_dir() or any(folder.root.iterdir())):
        raise ClusterError(
            f"{folder.root} exists and is not a cluster of Keyspan; name a new or an empty folder."
        )


def _fill(
    folder: ClusterFolder, addresses: Sequence[RegionAddress], account: str, randomness: Randomness
) -> None:
    folder.root.mkdir(mode=_PRIVATE_FOLDER)
    identities = {
        address.region: _prepare_region(folder, address, randomness) for address in addresses
    }
    administrator = new_administrator(account, randomness)
    create_private(folder.credentials_file, credentials_document(administrator))
    replace(folder.cluster_file, cluster_document(account, addresses, identities))


def _prepare_region(
    folder: ClusterFolder, address: RegionAddress, randomness: Randomness
) -> PublicIdentity:
    """Make what is missing of one region's folder and give its public identity."""
    region = folder.region(address.region)
    region.root.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    region.stream_folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    if not region.root_key_file.exists():
        create_private(region.root_key_file, RootKey.generate(randomness).encode())
    if not region.identity_file.exists():
        identity = RegionIdentity.generate(address.region, randomness)
        create_private(region.identity_file, identity.encode())
    if not region.node_file.exists():
        replace(region.node_file, node_document(address))
    return RegionIdentity.decode(region.identity_file.read_text(encoding="utf-8")).public


def _listen(region: RegionFolder, address: RegionAddress) -> None:
    before = _text(region.node_file)
    after = listening_on(before, address)
    if after != before:
        replace(region.node_file, after)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ClusterError(f"{path} cannot be read ({error.strerror}); restore it.") from None

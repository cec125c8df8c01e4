"""Make the files of the cluster that `compose.yaml` runs: `docker compose run --rm setup`.

    cluster.toml  credentials.json  credentials.sh      for whoever administers the cluster
    REGION/node.toml  cluster.toml  credentials.json  identity.key  root.key    for its node
    REGION/users.acl                                    for its Valkey server (users.py)

Each file is readable by the user that needs it and by nobody else, and folders belong to whoever
owns the folder that they are made in; to give files away takes root, so this runs in a container.
Nothing is ever replaced: a root key that is overwritten takes its region's keys with it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from users import Passwords, users_document

from crypto.identity import PublicIdentity, RegionIdentity
from crypto.sealing import RootKey
from node.cluster.create import DEFAULT_ACCOUNT
from node.cluster.credentials import credentials_document, new_administrator
from node.cluster.files import create_private
from node.settings import Administrator

# As compose.yaml has them: the published ports, and the users of the two images.
PORTS: Mapping[str, int] = MappingProxyType(
    {"us-east-1": 4601, "eu-west-1": 4602, "ap-southeast-2": 4603}
)
NODE_USER, VALKEY_USER = 10001, 999
NODE_PORT, VALKEY_PORT = 4601, 6379
_PRIVATE_FOLDER = 0o700

OWN_STREAM = "stream"
"""The name of a region's Valkey server in the region's own network; see compose.yaml."""


def main(folder: Path) -> None:
    """Make the folder. Exits with a sentence when it exists, or without the rights for it."""
    if folder.exists():
        sys.exit(f"{folder} exists, and is left as it is; start it with `docker compose up --wait`")
    if os.geteuid() != 0:
        sys.exit("giving files to their readers takes root: use `docker compose run --rm setup`")
    draft = folder.with_name(f".{folder.name}.{os.urandom(4).hex()}")
    try:
        _fill(draft)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    print(f"A cluster was made in deploy/{folder.name}. Next: docker compose up --wait")  # noqa: T201


def _fill(folder: Path) -> None:
    identities = {region: RegionIdentity.generate(region, os.urandom) for region in PORTS}
    public = {region: identity.public for region, identity in identities.items()}
    administrator = new_administrator(DEFAULT_ACCOUNT, os.urandom)
    credentials = credentials_document(administrator)
    passwords = Passwords.generate(tuple(PORTS), os.urandom)
    owner = folder.parent.stat().st_uid

    folder.mkdir(mode=_PRIVATE_FOLDER)
    for region, identity in identities.items():
        node_files = {
            "node.toml": _toml(_node_settings(region)),
            "cluster.toml": _cluster_document(public, _as_seen_by(region, passwords)),
            "credentials.json": credentials,
            "identity.key": identity.encode(),
            "root.key": RootKey.generate(os.urandom).encode(),
        }
        users = {"users.acl": users_document(region, passwords)}
        _write(folder / region, owner, {NODE_USER: node_files, VALKEY_USER: users})
    administration = {
        "cluster.toml": _cluster_document(public, _as_published()),
        "credentials.json": credentials,
        "credentials.sh": _exports(administrator),
    }
    _write(folder, owner, {owner: administration})


def _node_settings(region: str) -> dict[str, object]:
    """What node/settings/read.py reads; the secrets lie beside it, the key store in a volume."""
    return {
        "region": region,
        "cluster": "cluster.toml",
        "listen": f"0.0.0.0:{NODE_PORT}",
        "store": "/data/keys.sqlite",
        "identity": "identity.key",
        "root_keys": ["root.key"],
        "administrator": "credentials.json",
    }


def _as_seen_by(reader: str, passwords: Passwords) -> Iterator[tuple[str, str, str]]:
    """Each region's name, endpoint and stream, for one region's node: by names of the networks."""
    for region in PORTS:
        host = OWN_STREAM if region == reader else f"valkey-{region}"
        login = f"{reader}:{passwords.of(reader, region)}"
        endpoint = f"http://node-{region}:{NODE_PORT}"
        yield region, endpoint, f"redis://{login}@{host}:{VALKEY_PORT}/0"


def _as_published() -> Iterator[tuple[str, str, str]]:
    """The same for the administrator, who reaches the nodes by their published ports alone."""
    for region, port in PORTS.items():
        yield region, f"http://127.0.0.1:{port}", f"redis://valkey-{region}:{VALKEY_PORT}/0"


def _cluster_document(
    identities: Mapping[str, PublicIdentity], places: Iterator[tuple[str, str, str]]
) -> str:
    """What node/settings/cluster.py reads."""
    tables = [_toml({"account": DEFAULT_ACCOUNT})]
    for region, endpoint, stream in places:
        settings = {"endpoint": endpoint, "stream": stream, **identities[region].encode()}
        tables.append(f"[regions.{region}]\n{_toml(settings)}")
    return "\n".join(tables)


def _exports(administrator: Administrator) -> str:
    """For `. deploy/cluster/credentials.sh`, before `aws kms` or boto3."""
    return (
        f"export AWS_ACCESS_KEY_ID={administrator.access_key_id}\n"
        f"export AWS_SECRET_ACCESS_KEY={administrator.secret_access_key}\n"
    )


def _toml(settings: Mapping[str, object]) -> str:
    """Lines of TOML, whose texts and lists take the form of JSON's (toml.io v1.0)."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())


def _write(folder: Path, owner: int, files: Mapping[int, Mapping[str, str]]) -> None:
    """Write each user's files into a folder, and give everything to its owner."""
    folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    for user, documents in files.items():
        for name, text in documents.items():
            create_private(folder / name, text)
            os.chown(folder / name, user, -1)
    os.chown(folder, owner, -1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

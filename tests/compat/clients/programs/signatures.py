"""securesystemslib's AWS signer: every scheme that it knows, and a TUF repository signed with it.

Standard input: {"schemes": {scheme: key ID}, "folder": …}; the environment names the region.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import AWSSigner, Signature, Signer, SSlibKey
from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater

PAYLOAD = b"what is signed"
given = json.load(sys.stdin)


def imported(key_id: str, scheme: str) -> Signer:
    uri, public = AWSSigner.import_(key_id, scheme)
    return Signer.from_priv_key_uri(uri, public)


def verifies(key: SSlibKey, signature: Signature, payload: bytes) -> bool:
    try:
        key.verify_signature(signature, payload)
    except UnverifiedSignatureError:
        return False
    return True


signers = {scheme: imported(key, scheme) for scheme, key in given["schemes"].items()}
results = {}
for scheme, signer in signers.items():
    signature = signer.sign(PAYLOAD)
    outcome = (verifies(signer.public_key, signature, PAYLOAD + more) for more in (b"", b"."))
    results[scheme] = list(outcome)


# A repository whose four roles are signed by keys of the region, and a client of it

folder = Path(given["folder"])
(folder / "metadata").mkdir()
(folder / "targets").mkdir()
(folder / "client").mkdir()
(folder / "targets/file").write_bytes(PAYLOAD)
expires = datetime.now(UTC) + timedelta(days=1)
signer = signers["ecdsa-sha2-nistp256"]
other = signers["rsassa-pss-sha256"]
root = Root(expires=expires, consistent_snapshot=False)
for role in ("root", "timestamp", "snapshot"):
    root.add_key(signer.public_key, role)
root.add_key(other.public_key, "targets")
targets = Targets(expires=expires)
targets.targets["file"] = TargetFile.from_data("file", PAYLOAD)
parts = {
    "1.root": (root, signer),
    "targets": (targets, other),
    "snapshot": (Snapshot(expires=expires), signer),
    "timestamp": (Timestamp(expires=expires), signer),
}
for name, (part, key) in parts.items():
    metadata = Metadata(part)
    metadata.sign(key)
    metadata.to_file(str(folder / f"metadata/{name}.json"))


class Files(FetcherInterface):
    """Fetches from the folder."""

    @contextmanager
    def _open(self, url: str) -> Iterator[bytes]:
        yield (folder / urlsplit(url).path.lstrip("/")).read_bytes()

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = folder / urlsplit(url).path.lstrip("/")
        if not path.exists():
            raise DownloadHTTPError("not found", 404)
        return iter([path.read_bytes()])


def downloaded() -> bytes:
    updater = Updater(
        metadata_dir=str(folder / "client"),
        metadata_base_url="http://repository/metadata/",
        target_base_url="http://repository/targets/",
        target_dir=str(folder / "client"),
        fetcher=Files(),
        bootstrap=(folder / "metadata/1.root.json").read_bytes(),
    )
    updater.refresh()
    info = updater.get_targetinfo("file")
    return Path(updater.download_target(info)).read_bytes()


good = downloaded() == PAYLOAD
signed = (folder / "metadata/timestamp.json").read_bytes()
forged = signed.replace(b'"version": 1', b'"version": 2').replace(b'"version":1', b'"version":2')
(folder / "metadata/timestamp.json").write_bytes(forged)
try:
    downloaded()
    refused = "nothing"
except RepositoryError as error:
    refused = type(error).__name__

packages = ", ".join(f"{name} {version(name)}" for name in ("securesystemslib", "tuf"))
told = {"version": packages, "schemes": results, "downloaded": good, "forged": refused}
sys.stdout.write("\n" + json.dumps(told) + "\n")

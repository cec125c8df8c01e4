"""The ready file: how a script learns where the cluster is and how to sign its requests.

Its form is a contract with other tools (issue 2, "What a user gets"):

    {"account": "…",
     "credentials": {"access_key_id": "…", "secret_access_key": "…"},
     "regions": {"us-east-1": {"endpoint": "http://127.0.0.1:4601", "pid": 1,
                               "stream": "redis://127.0.0.1:4604/0", "stream_pid": 2}}}

It is written in one step, when the cluster is ready, for its owner alone, and removed at the end.
In between it stays true: a process that was started again has its new number there, and one that is
down has `null`, which no reader can take for a process. Everything else of the region stays.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from node.cluster.errors import ClusterError
from node.cluster.files import PRIVATE, replace
from node.cluster.local import LocalCluster

__all__ = ["ready_document", "write_ready_file"]


def ready_document(cluster: LocalCluster) -> str:
    """The ready file's text for a cluster that runs."""
    administrator = cluster.administrator
    document = {
        "account": administrator.account,
        "credentials": {
            "access_key_id": administrator.access_key_id,
            "secret_access_key": administrator.secret_access_key,
        },
        "regions": cluster.notes(),
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


def write_ready_file(path: Path, cluster: LocalCluster) -> None:
    """Write it. Raises ClusterError when its folder does not exist or cannot be written."""
    try:
        replace(path, ready_document(cluster), PRIVATE)
    except OSError as error:
        raise ClusterError(
            f"The ready file {path} cannot be written ({error.strerror}); choose another place."
        ) from None

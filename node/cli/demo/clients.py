"""Unmodified boto3 clients for the regions of a local cluster.

The only thing that differs from using AWS is `endpoint_url`. Whatever the person has configured for
AWS itself (profiles, proxies, configuration files) is kept out: the story is played locally.
"""

from __future__ import annotations

import os
from typing import Any

import boto3
import botocore.config
import botocore.session

from node.cluster import LocalRegion
from node.settings import Administrator

__all__ = ["kms_client"]

_OWN_SETTINGS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""Botocore's session variables: (file key, environment variable, default, conversion)."""


def kms_client(region: LocalRegion, administrator: Administrator, secret: str | None = None) -> Any:
    """A KMS client of one region; another `secret` makes one that signs wrongly."""
    session = boto3.Session(
        aws_access_key_id=administrator.access_key_id,
        aws_secret_access_key=secret or administrator.secret_access_key,
        region_name=region.name,
        botocore_session=botocore.session.Session(session_vars=_OWN_SETTINGS),
    )
    config = botocore.config.Config(
        connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 1}, proxies={}
    )
    return session.client("kms", endpoint_url=region.address.endpoint, config=config)

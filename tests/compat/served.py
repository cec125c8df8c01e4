"""Which operations a node serves, found out as a client would: by asking for each."""

from __future__ import annotations

from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.harness.cluster import Cluster


def served_operations(cluster: Cluster, region: str) -> set[str]:
    """The operations of botocore's model that the region does not call unavailable."""
    administrator = cluster.local.administrator
    kms = boto3.client(
        "kms",
        region_name=region,
        endpoint_url=cluster.endpoint(region),
        aws_access_key_id=administrator.access_key_id,
        aws_secret_access_key=administrator.secret_access_key,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    return {name for name in kms.meta.service_model.operation_names if _served(kms, name)}


def _served(kms: Any, name: str) -> bool:
    """Asks with no argument at all: CreateKey makes a key, others list or refuse."""
    try:
        getattr(kms, xform_name(name))()
    except ClientError as error:
        return f"{name} is not available in Keyspan yet" not in str(error)
    return True

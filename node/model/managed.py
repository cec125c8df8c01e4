"""AWS managed keys: which services have one, and what such a key is like.

An alias `alias/aws/<service>` is predefined, and gets its key when it is first used. Nobody can
change the key: its key policy, which nobody can replace, allows its account to use it and to look
at it, and nothing else. Source: KMS Developer Guide, "AWS managed keys" and "Default key policy of
an AWS managed key"; KMS API Reference, DescribeKey and ListAliases.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from node.model.arn import ALIAS_PREFIX, account_arn

RESERVED_PREFIX: Final = f"{ALIAS_PREFIX}aws/"
ROTATION_DAYS: Final = 365

SERVICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "acm": "ACM private keys",
        "backup": "Backup data",
        "cassandra": "Keyspaces tables",
        "cloud9": "Cloud9 environments",
        "codeartifact": "CodeArtifact domains",
        "codecommit": "CodeCommit repositories",
        "connect": "Connect data",
        "dms": "DMS replication instance volumes",
        "dynamodb": "DynamoDB tables",
        "ebs": "EBS volumes",
        "elasticache": "ElastiCache data",
        "elasticfilesystem": "EFS file systems",
        "es": "OpenSearch domains",
        "fsx": "FSx file systems",
        "glue": "Glue data",
        "imagebuilder": "Image Builder components",
        "kafka": "MSK clusters",
        "kinesis": "Kinesis data streams",
        "kinesisvideo": "Kinesis video streams",
        "lambda": "Lambda functions",
        "lightsail": "Lightsail resources",
        "memorydb": "MemoryDB data",
        "mq": "MQ brokers",
        "rds": "RDS database volumes",
        "redshift": "Redshift clusters",
        "s3": "S3 objects",
        "sagemaker": "SageMaker data",
        "secretsmanager": "Secrets Manager data",
        "ses": "SES data",
        "sns": "SNS data",
        "sqs": "SQS messages",
        "ssm": "SSM parameters",
        "timestream": "Timestream databases",
        "workmail": "WorkMail data",
        "workspaces": "WorkSpaces volumes",
        "xray": "X-Ray data",
    }
)
"""The services that have an AWS managed key, and what it protects."""

LISTED: Final = tuple(
    f"{RESERVED_PREFIX}{service}" for service in ("dynamodb", "ebs", "rds", "redshift", "s3")
)
"""The predefined aliases that ListAliases shows before they have a key: those of its example."""

_POLICY_ACTIONS: Final = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:CreateGrant",
    "kms:DescribeKey",
)
_METADATA_ACTIONS: Final = ("kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant")


def service_of(alias: str) -> str | None:
    """The service of a predefined alias, or None for any other alias."""
    service = alias.removeprefix(RESERVED_PREFIX)
    return service if service != alias and service in SERVICES else None


def description_of(service: str) -> str:
    """The description of a service's key."""
    return f"Default key that protects my {SERVICES[service]} when no other key is defined"


def managed_key_policy(service: str, account: str) -> str:
    """The key policy of a service's key.

    KMS's own has one condition more, kms:ViaService: principals may use the key through the service
    alone. There is no such service to come through here, so they may use it themselves.
    """
    document = {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-1",
        "Statement": [
            {
                "Sid": f"Allow access through {service} for all principals in the account that are "
                f"authorized to use {service}",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": _POLICY_ACTIONS,
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:CallerAccount": account}},
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": account_arn(account)},
                "Action": _METADATA_ACTIONS,
                "Resource": "*",
            },
        ],
    }
    return json.dumps(document, indent=2, separators=(",", " : "))

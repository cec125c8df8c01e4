"""The managed policies of AWS that can be attached; nobody can change them.

Source: AWS Managed Policy Reference, "AdministratorAccess", "AWSKeyManagementServicePowerUser"
and "IAMFullAccess".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from node.model.arn import PARTITION

AWS_POLICIES: Final = f"arn:{PARTITION}:iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class AwsPolicy:
    """A managed policy of AWS; `created` and `updated` are epoch seconds."""

    name: str
    unique_id: str
    description: str
    version: str
    created: float
    updated: float
    document: str
    path: str = "/"

    @property
    def arn(self) -> str:
        """Its ARN, by which it is attached."""
        return f"{AWS_POLICIES}{self.path.removeprefix('/')}{self.name}"


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=4)


def _by_arn(*policies: AwsPolicy) -> Mapping[str, AwsPolicy]:
    return MappingProxyType({each.arn: each for each in policies})


MANAGED: Final = _by_arn(
    AwsPolicy(
        name="AdministratorAccess",
        unique_id="ANPAIWMBCKSKIEE64ZLYK",
        description="Provides full access to AWS services and resources.",
        version="v1",
        created=1_423_161_586.0,
        updated=1_423_161_586.0,
        document=_document({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    ),
    AwsPolicy(
        name="AWSKeyManagementServicePowerUser",
        unique_id="ANPAJNPP7PPPPMJRV2SA4",
        description="Provides access to AWS Key Management Service (KMS).",
        version="v2",
        created=1_423_161_640.0,
        updated=1_488_935_220.0,
        document=_document(
            {
                "Effect": "Allow",
                "Action": [
                    "kms:CreateAlias",
                    "kms:CreateKey",
                    "kms:DeleteAlias",
                    "kms:Describe*",
                    "kms:GenerateRandom",
                    "kms:Get*",
                    "kms:List*",
                    "kms:TagResource",
                    "kms:UntagResource",
                    "iam:ListGroups",
                    "iam:ListRoles",
                    "iam:ListUsers",
                ],
                "Resource": "*",
            }
        ),
    ),
    AwsPolicy(
        name="IAMFullAccess",
        unique_id="ANPAI7XKCFMBPM3QQRRVQ",
        description="Provides full access to IAM via the AWS Management Console.",
        version="v2",
        created=1_423_161_638.0,
        updated=1_561_147_200.0,
        document=_document(
            {
                "Effect": "Allow",
                "Action": [
                    "iam:*",
                    "organizations:DescribeAccount",
                    "organizations:DescribeOrganization",
                    "organizations:DescribeOrganizationalUnit",
                    "organizations:DescribePolicy",
                    "organizations:ListChildren",
                    "organizations:ListParents",
                    "organizations:ListPoliciesForTarget",
                    "organizations:ListRoots",
                    "organizations:ListPolicies",
                    "organizations:ListTargetsForPolicy",
                ],
                "Resource": "*",
            }
        ),
    ),
)
"""By ARN."""

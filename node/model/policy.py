"""The key policy that a key gets when its creator gives none.

Source: KMS Developer Guide, "Default key policy": the account's identity policies decide.
"""

from __future__ import annotations

import json


def default_key_policy(account: str) -> str:
    """The default key policy of `account`, as KMS writes it."""
    document = {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    return json.dumps(document, indent=2, separators=(",", " : "))

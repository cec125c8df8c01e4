"""The policy that an administrator has, named and written as IAM's managed policy of that name.

Source: AWS Managed Policy Reference, "AdministratorAccess".
"""

from __future__ import annotations

import json
from typing import Final

from node.model.principal import AttachedPolicy

ADMINISTRATOR_ACCESS: Final = AttachedPolicy(
    "AdministratorAccess",
    json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
    ),
)

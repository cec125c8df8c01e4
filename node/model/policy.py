"""The key policy that a key gets when its creator gives none.

Source: KMS Developer Guide, "Default key policy": the account's identity policies decide. The text
is that of GetKeyPolicy's example in the KMS API Reference, blanks included.
"""

from __future__ import annotations

from typing import Final

_DEFAULT: Final = """{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::ACCOUNT:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}"""


def default_key_policy(account: str) -> str:
    """The default key policy of `account`, as KMS writes it."""
    return _DEFAULT.replace("ACCOUNT", account)

"""The administrator of a new cluster.

The access key has the form of AWS's own long-term keys, so that every SDK and tool takes it: an ID
of "AKIA" and 16 characters of base 32, and a secret of 40 characters of base 64 (240 random bits).
"""

from __future__ import annotations

import base64
import json

from crypto.material import Randomness
from node.settings import Administrator

__all__ = ["credentials_document", "new_administrator"]

_ID_BYTES = 10
_SECRET_BYTES = 30


def new_administrator(account: str, randomness: Randomness) -> Administrator:
    """A fresh access key for the user `administrator` of the account."""
    return Administrator(
        account=account,
        access_key_id="AKIA" + base64.b32encode(randomness(_ID_BYTES)).decode(),
        secret_access_key=base64.b64encode(randomness(_SECRET_BYTES)).decode(),
        principal=f"arn:aws:iam::{account}:user/administrator",
    )


def credentials_document(administrator: Administrator) -> str:
    """The text of a credentials file (`node/settings/administrator.py` reads it)."""
    document = {
        "account": administrator.account,
        "access_key_id": administrator.access_key_id,
        "secret_access_key": administrator.secret_access_key,
        "principal": administrator.principal,
    }
    return json.dumps(document, indent=2) + "\n"

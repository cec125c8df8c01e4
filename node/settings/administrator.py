"""The credentials file: the one principal that is made with the cluster.

JSON with four texts, all needed: `account`, `access_key_id`, `secret_access_key`, `principal`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from node.settings import forms
from node.settings.errors import SettingsError
from node.settings.secrets import refuse_unless_private
from node.settings.table import Table
from node.settings.values import Administrator

__all__ = ["read_administrator"]

# The lengths and alphabets that AWS documents for access keys (IAM API, AccessKey).
_ACCESS_KEY_ID = re.compile(r"[A-Z0-9]{16,128}")
_LEAST_SECRET = 32


def read_administrator(path: Path) -> Administrator:
    """Read a credentials file.

    Raises SettingsError when it is missing, open to others, or not of this form.
    """
    refuse_unless_private(path)
    table = Table(path, "", _parsed(path))
    account = table.parsed("account", forms.account, "give the account of the cluster")
    administrator = Administrator(
        account=account,
        access_key_id=table.parsed("access_key_id", _access_key_id, "restore the file"),
        secret_access_key=table.parsed("secret_access_key", _secret, "restore the file"),
        principal=table.text("principal"),
    )
    if not administrator.principal.startswith(f"arn:aws:iam::{account}:"):
        remedy = f"write arn:aws:iam::{account}:user/NAME"
        raise table.error("principal", "is not an ARN of the same account", remedy)
    table.finish()
    return administrator


def _parsed(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):  # json.JSONDecodeError and UnicodeDecodeError are both
        raise SettingsError.about(path, None, "is not valid JSON", "restore the file") from None
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise SettingsError.about(path, None, reason, "check its owner and its mode") from None
    if not isinstance(document, dict):
        raise SettingsError.about(path, None, "is not a JSON object", "restore the file")
    return document


def _access_key_id(text: str) -> str:
    if not _ACCESS_KEY_ID.fullmatch(text):
        raise ValueError("is not 16 to 128 capital letters and digits")
    return text


def _secret(text: str) -> str:
    if len(text) < _LEAST_SECRET:
        raise ValueError(f"is shorter than {_LEAST_SECRET} characters")
    return text

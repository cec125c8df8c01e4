"""The default key policy, to the letter.

The example of GetKeyPolicy that botocore carries (examples-1.json) has the same text, so that is
what it is compared with.
"""

from __future__ import annotations

import json
from importlib import resources

from node.model.policy import default_key_policy

ACCOUNT = "111122223333"


def test_the_default_key_policy_is_that_of_the_api_reference() -> None:
    examples = resources.files("botocore") / "data/kms/2014-11-01/examples-1.json"
    (example,) = json.loads(examples.read_text())["examples"]["GetKeyPolicy"]
    assert default_key_policy(ACCOUNT) == example["output"]["Policy"]


def test_it_lets_the_account_decide() -> None:
    policy = json.loads(default_key_policy(ACCOUNT))
    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == (
        "Allow",
        "kms:*",
        "*",
    )

"""The story as a table: acts, and in each the steps that are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from node.cli.demo.acts import comeback, envelope, key, loss, refusals
from node.cli.demo.stage import Stage

__all__ = ["STORY", "Act", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is shown. `show` raises when it does not happen as it should."""

    text: str
    show: Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Act:
    """Steps that belong together."""

    text: str
    steps: tuple[Step, ...]


STORY: tuple[Act, ...] = (
    Act(
        "One key, three regions",
        (
            Step("Create a multi-Region primary key in us-east-1", key.create_primary),
            Step("Replicate it to eu-west-1 and ap-southeast-2", key.replicate),
            Step("Give each replica an alias of its own", key.alias_everywhere),
            Step("Find it in all regions: three ARNs, one key ID", key.show_arns),
        ),
    ),
    Act(
        "Envelope encryption",
        (
            Step("Seal a short text with a data key, by hand", envelope.by_hand),
            Step("Write a file of 64 MiB", envelope.make_ledger),
            Step("Encrypt it in us-east-1 with the AWS Encryption SDK", envelope.encrypt_ledger),
        ),
    ),
    Act(
        "us-east-1 is lost",
        (
            Step("Kill its node and its Valkey (SIGKILL)", loss.kill_home),
            Step("Decrypt the file in eu-west-1", partial(loss.decrypt_ledger, other=0)),
            Step("Decrypt the file in ap-southeast-2", partial(loss.decrypt_ledger, other=1)),
            Step("Encrypt something new, and read it across regions", loss.encrypt_meanwhile),
        ),
    ),
    Act(
        "What must fail, and does",
        (
            Step("Decrypt with another encryption context", refusals.another_context),
            Step("Decrypt with one bit flipped", refusals.flipped_bit),
            Step("Decrypt a single-Region key's ciphertext elsewhere", refusals.another_key),
            Step("Ask without a signature", refusals.unsigned),
            Step("Ask with a wrong signature", refusals.wrongly_signed),
        ),
    ),
    Act(
        "us-east-1 comes back",
        (
            Step("Start it again, and let it catch up", comeback.restart_home),
            Step("Find its key and alias as they were", comeback.show_unchanged),
            Step("Decrypt what was encrypted meanwhile", comeback.decrypt_meanwhile),
        ),
    ),
)

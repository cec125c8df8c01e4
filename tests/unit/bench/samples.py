"""Values that the tests of the benchmarks share."""

from __future__ import annotations

from bench.plan import Cell, Subject
from bench.replay import Signer
from bench.summary import Sample
from node.model.principal import Credential, Principal
from node.settings import Administrator
from node.wire.sigv4 import Scope

NOW = 1_790_000_000.0
SCOPE = Scope("us-east-1", "kms")
ACCOUNT = "111122223333"
ARN = f"arn:aws:iam::{ACCOUNT}:user/administrator"
ADMINISTRATOR = Administrator(
    account=ACCOUNT,
    access_key_id="AKIAIOSFODNN7EXAMPLE",  # from the documentation of AWS
    secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    principal=ARN,
)
CREDENTIAL = Credential(
    ADMINISTRATOR.access_key_id,
    ADMINISTRATOR.secret_access_key,
    Principal(ACCOUNT, ARN, "AIDA", "IAMUser"),
    active=True,
)
SIGNER = Signer("127.0.0.1:4601", SCOPE, ADMINISTRATOR)
KEYSPAN = Cell(Subject.KEYSPAN, "Decrypt", 32)
BARE = Cell(Subject.BARE, "Decrypt", 32)
MINIMUM = Cell(Subject.MINIMUM, "Decrypt", 32)
RAW = Cell(Subject.RAW, "Decrypt", 32)


def sample(cell: Cell, round_number: int, rate: float, failures: int = 0) -> Sample:
    """A sample of a server that keeps its core busy, and so needs the inverse of its rate."""
    return Sample(
        cell=cell,
        round_number=round_number,
        requests=int(rate),
        rate=rate,
        cpu_microseconds=1e6 / rate,
        server_share=1.0,
        others_share=0.0,
        p50=100.0,
        p99=200.0,
        p999=300.0,
        failures=failures,
    )

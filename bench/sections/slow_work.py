"""Whether slow cryptography holds up the rest: Decrypt beside RSA-4096 signatures at full rate."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from bench import operations
from bench.load.result import LoadResult
from bench.sections.nodes import Node, cluster, loaded, node, own
from bench.sections.section import (
    Measure,
    Quantity,
    Section,
    Stage,
    at_most,
    interleaved,
    quotients,
)
from bench.servers import DIFFERENT_REQUESTS, Server

_CONNECTIONS: Final = 8
_SIGNERS: Final = 8
_RSA: Final = {"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"}
_ALGORITHM: Final = "RSASSA_PSS_SHA_256"
_HOW: Final = (
    f"One node with default settings, one core. Decrypt over {_CONNECTIONS} connections, alone and "
    f"while {_SIGNERS} other connections have RSA-4096 signatures made at full rate, for as long: "
    "each rate is what the other load leaves."
)


def _run(stage: Stage) -> Iterator[Quantity]:
    alone: list[LoadResult] = []
    beside: list[tuple[LoadResult, LoadResult]] = []
    with cluster(stage.folder / "cluster") as made:
        served = node(made, stage.cores)
        decrypt = served.server(["Decrypt"])
        signing = Server(served.signer, served.pid, {"Sign": _signatures(served)})
        other = own(stage, "other")

        def measure_alone() -> float:
            alone.append(loaded(stage, decrypt, "Decrypt", _CONNECTIONS))
            return alone[-1].p99

        def measure_beside() -> float:
            with ThreadPoolExecutor(1) as thread:
                signed: Future[LoadResult] = thread.submit(loaded, other, signing, "Sign", _SIGNERS)
                result = loaded(stage, decrypt, "Decrypt", _CONNECTIONS)
                beside.append((result, signed.result()))
            return result.p99

        measures: dict[str, Measure] = {"alone": measure_alone, "beside RSA": measure_beside}
        found = interleaved(stage, measures)
    yield from _told(alone, beside, found)


def _told(
    alone: list[LoadResult],
    beside: list[tuple[LoadResult, LoadResult]],
    p99: dict[str, tuple[float, ...]],
) -> Iterator[Quantity]:
    decrypts = [each for each, _ in beside]
    for name, results in (("alone", alone), ("beside RSA-4096", decrypts)):
        rates = tuple(each.requests / each.seconds for each in results)
        yield Quantity(f"Decrypt {name}", "per s", rates)
        yield Quantity(f"Decrypt {name}, p50", "ms", tuple(each.p50 / 1000 for each in results))
        yield Quantity(f"Decrypt {name}, p99", "ms", tuple(each.p99 / 1000 for each in results))
    ratio = quotients(p99["beside RSA"], p99["alone"])
    yield Quantity("p99 beside ÷ alone", "", ratio, at_most(3.0))
    signed = [each for _, each in beside]
    rates = tuple(each.requests / each.seconds for each in signed)
    yield Quantity("RSA-4096 signatures meanwhile", "per s", rates)
    yield Quantity("RSA-4096 signatures, p99", "ms", tuple(each.p99 / 1000 for each in signed))


def _signatures(served: Node) -> tuple[bytes, ...]:
    with served.client() as client:
        made = client("CreateKey", operations.body(**_RSA))
        key_id = made["KeyMetadata"]["KeyId"]
        return operations.signatures(client, key_id, _ALGORITHM, DIFFERENT_REQUESTS)


SECTION: Final = Section("slow-work", "Slow cryptography beside Decrypt", _HOW, _run)

"""Measuring one cell once."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.errors import BenchError
from bench.load.command import output_of
from bench.load.generator import Generator, Load
from bench.load.result import LoadResult, read_result
from bench.machine import Cores, Usage, usage
from bench.plan import Cell, Subject
from bench.protocol_alone import AloneResult
from bench.replay import replay_file
from bench.servers import Server
from bench.summary import Sample

_MICROSECONDS: Final = 1e6


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement needs."""

    servers: Mapping[Subject, Server]
    generator: Generator
    cores: Cores
    folder: Path
    seconds: int

    def measure(self, cell: Cell, round_number: int) -> Sample:
        """One cell's sample. Raises BenchError when it cannot be taken."""
        if cell.subject is Subject.ALONE:
            result = self._alone(cell)
            used = Usage(result.seconds, result.cpu_seconds, result.cpu_seconds)
            return _sample(cell, round_number, result, used)
        server = self.servers[cell.subject]
        load = self._load(cell, server)
        before = usage(server.pid, self.cores.server)
        answered = self.generator.run(load)
        used = usage(server.pid, self.cores.server).since(before)
        return _sample(cell, round_number, answered, used)

    def _load(self, cell: Cell, server: Server) -> Load:
        """The replay file, signed just now."""
        requests = server.signer.replay(cell.operation, server.bodies[cell.operation], time.time())
        replay = self.folder / "replay"
        replay.write_bytes(replay_file(requests))
        return Load(server.signer.host, replay, cell.connections, self.seconds)

    def _alone(self, cell: Cell) -> AloneResult:
        module = "bench.protocol_alone"
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            arguments = (f"{folder}/cluster", cell.operation, self.seconds, self.cores.server)
            command = (sys.executable, "-m", module, *map(str, arguments))
            return read_result(output_of(module, command, self.seconds, {}), AloneResult)


def _sample(cell: Cell, round_number: int, result: LoadResult, used: Usage) -> Sample:
    if not result.requests:
        raise BenchError(f"{cell} answered nothing in {result.seconds:.0f} seconds.")
    return Sample(
        cell=cell,
        round_number=round_number,
        requests=result.requests,
        rate=result.requests / result.seconds,
        cpu_microseconds=_MICROSECONDS * used.process / result.requests,
        server_share=used.process_share,
        others_share=used.others_share,
        p50=result.p50,
        p99=result.p99,
        p999=result.p999,
        failures=result.failures,
    )

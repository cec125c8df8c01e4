"""Acts on the containers that a compose file runs: `docker compose`, and iptables for links.

The services are called node-REGION and valkey-REGION, as in this project's compose.yaml. Which
project it is, compose finds out as always (COMPOSE_PROJECT_NAME, or the file's name).

A link is cut where the packets are made: in the network namespace of the reader's node, by a rule
on what goes to the origin's Valkey. A slow one is led through a process there that carries it
(link_process.py), with no need of a kernel that can delay packets. That needs root and iptables on
the machine that runs the containers; both vanish when the container ends, as its namespace does.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from node.cluster.acts import Act, LinkAct, LinksShown, Part, RegionAct, Shape, State, Verb
from node.cluster.controls import described
from node.cluster.errors import ClusterError
from node.cluster.link_process import MARK, end_links, link_command
from node.cluster.waiting import eventually

__all__ = ["ComposeControls", "link_rules"]

_COMMAND_SECONDS: Final = 180.0
_HEALTHY_SECONDS: Final = 120.0

_VERBS: Final = {
    Verb.STOP: "stop",
    Verb.START: "start",
    Verb.KILL: "kill",
    Verb.PAUSE: "pause",
    Verb.RESUME: "unpause",
}
_DONE: Final = {
    Verb.STOP: "ended",
    Verb.START: "runs and is healthy",
    Verb.KILL: "was killed",
    Verb.PAUSE: "stands still",
    Verb.RESUME: "goes on",
}
_RUNNING: Final = {
    Verb.STOP: ("running", "paused"),
    Verb.KILL: ("running", "paused"),
    Verb.PAUSE: ("running",),
    Verb.RESUME: ("paused",),
}
"""The states in which a container takes the verb; in another one there is nothing to do."""

_EMPTY_DISK: Final = ("sh", "-c", "rm -rf /data/*")
"""Where the images of Redis and Valkey keep what they write."""

_CUT: Final = {
    "OUTPUT": ["--protocol", "tcp", "--jump", "REJECT", "--reject-with", "tcp-reset"],
    "INPUT": ["--protocol", "tcp", "!", "--tcp-flags", "RST", "RST", "--jump", "DROP"],
}
"""A reader is refused as if by the origin, so that a reset may come in; an answer to what it asked
before the cut, as a blocked read does, may not."""

_NOT_OURS: Final = ("--match", "mark", "!", "--mark", str(MARK))
"""What was not sent by a process that carries a link."""

Run = Callable[[Sequence[str]], str]


class ComposeControls:
    """The controls of the cluster that a compose file runs."""

    def __init__(
        self, file: Path, run: Run | None = None, end: Callable[[str, int], object] = end_links
    ) -> None:
        """`end` ends what carries an origin's link to the node with a process ID."""
        self._file = file
        self._run = run or run_command
        self._end_links = end

    def act(self, act: Act) -> list[str]:
        """See `Controls`."""
        match act:
            case RegionAct(verb=Verb.WIPE):
                return [self._wipe(service_name(act.region, Part.STREAM))]
            case RegionAct():
                return [self._do(act.verb, service_name(act.region, part)) for part in act.parts]
            case LinkAct():
                for origin, reader in act.pairs:
                    self._reshape(origin, reader, act.shape)
                words = described(act.shape)
                return [f"{origin} → {reader}: {words}" for origin, reader in act.pairs]
            case LinksShown():
                raise ClusterError(
                    "What links are cut is not kept for containers; "
                    "`keyspan link heal A B` opens one whatever it was."
                )

    def _do(self, verb: Verb, service: str) -> str:
        state = self._inspect(service)["State"]["Status"]
        if state not in _RUNNING.get(verb, (state,)):
            return f"{service} is {state}"
        self._compose(_VERBS[verb], service)
        if verb is Verb.START:
            awaited = f"{service} is not healthy; see `docker compose logs {service}`"
            eventually(partial(self._healthy, service), _HEALTHY_SECONDS, awaited)
        return f"{service} {_DONE[verb]}"

    def _wipe(self, service: str) -> str:
        """Take its disk away, and let it begin anew: it takes FLUSHALL from nobody (its ACL)."""
        state = self._inspect(service)["State"]["Status"]
        if state != "running":
            raise ClusterError(f"{service} is {state}, and cannot be wiped; start it first.")
        self._compose("exec", "-T", service, *_EMPTY_DISK)
        self._do(Verb.KILL, service)  # at once, so that it writes nothing more
        self._do(Verb.START, service)
        return f"{service} lost its disk, and is healthy"

    def _healthy(self, service: str) -> bool:
        health = self._inspect(service)["State"].get("Health")
        return health is None or bool(health["Status"] == "healthy")

    def _reshape(self, origin: str, reader: str, shape: Shape) -> None:
        origin_state = self._inspect(service_name(origin, Part.STREAM))
        reader_state = self._inspect(service_name(reader, Part.NODE))
        pid = _pid(reader_state, service_name(reader, Part.NODE))
        inside = ["nsenter", "--target", str(pid), "--net"]
        self._end_links(origin, pid)
        port = self._carried(inside, origin, pid, shape) if needs_carrier(shape) else None
        for command in link_rules(origin, _addresses(origin_state), shape, port):
            try:
                self._run([*inside, *command.words])
            except ClusterError:
                if not command.may_fail:
                    raise

    def _carried(self, inside: Sequence[str], origin: str, pid: int, shape: Shape) -> int:
        """Begin to carry a link in the reader's namespace; gives the port to which to lead it."""
        said = self._run(["setsid", "--fork", *inside, *link_command(origin, pid, shape)]).strip()
        if not said.isdecimal():
            raise ClusterError(f"What is to carry the link of {origin} did not start.")
        return int(said)

    def _inspect(self, service: str) -> Any:
        container = self._compose("ps", "--all", "--quiet", service).strip()
        if not container:
            raise ClusterError(
                f"{self._file} runs no container {service}; start it with `docker compose up "
                "--wait`, and name a region that it has."
            )
        return json.loads(self._run(["docker", "inspect", container]))[0]

    def _compose(self, *words: str) -> str:
        return self._run([*self._command, "--file", str(self._file), *words])

    @cached_property
    def _command(self) -> Sequence[str]:
        try:
            self._run(["docker", "compose", "version"])
        except ClusterError:
            return ("docker-compose",)
        return ("docker", "compose")


def service_name(region: str, part: Part) -> str:
    """The service in compose.yaml."""
    return f"{'node' if part is Part.NODE else 'valkey'}-{region}"


class Command:
    """One iptables command. `may_fail`: it removes what may not be there."""

    def __init__(self, words: Sequence[str], may_fail: bool = False) -> None:
        self.words = ("iptables", "--wait", *words)
        self.may_fail = may_fail


def needs_carrier(shape: Shape) -> bool:
    """Whether a link is to be carried by a process: rules alone delay nothing."""
    slow = shape.latency_seconds or shape.jitter_seconds or shape.bandwidth
    return shape.state is State.OPEN and bool(slow)


def link_rules(
    origin: str, addresses: Sequence[str], shape: Shape, port: int | None = None
) -> list[Command]:
    """What gives a link its shape in the reader's namespace; `port` is what a slow one is led to.

    Packets to the origin's stream server, and from it, go through two chains of its own. These are
    emptied first, and stay empty for a link that is open.
    """
    commands: list[Command] = _led_to(port, origin, addresses)
    for builtin, way, ending in (("OUTPUT", "--destination", "out"), ("INPUT", "--source", "in")):
        chain = f"KS-{origin}-{ending}"  # a name may have 28 characters
        commands.append(Command(["--new-chain", chain], may_fail=True))
        commands.append(Command(["--flush", chain]))
        if target := _target(builtin, shape, port):
            commands.append(Command(["--append", chain, *target]))
        for address in addresses:
            rule = (builtin, way, address, "--jump", chain)
            commands.append(Command(["--delete", *rule], may_fail=True))
            commands.append(Command(["--insert", *rule]))
    return commands


def _led_to(port: int | None, origin: str, addresses: Sequence[str]) -> list[Command]:
    """New connections of the reader are led to a port, or no longer. Without one, a kernel that
    leads nowhere is no fault.
    """
    chain, table = f"KS-{origin}-slow", ("--table", "nat")
    commands = [
        Command([*table, "--new-chain", chain], may_fail=True),
        Command([*table, "--flush", chain], may_fail=port is None),
    ]
    if port is not None:
        to_port = ["--protocol", "tcp", "--jump", "REDIRECT", "--to-ports", str(port)]
        commands.append(Command([*table, "--append", chain, *to_port]))
    for address in addresses:
        rule = ("OUTPUT", "--destination", address, *_NOT_OURS, "--jump", chain)
        commands.append(Command([*table, "--delete", *rule], may_fail=True))
        if port is not None:
            commands.append(Command([*table, "--insert", *rule]))
    return commands


def _target(builtin: str, shape: Shape, port: int | None) -> list[str]:
    """What becomes of the packets; nothing for an open link."""
    if port is not None:  # a connection that is older than the slowness begins anew
        return [*_NOT_OURS, *_CUT["OUTPUT"]] if builtin == "OUTPUT" else []
    if shape.state is State.CUT:
        return [*_CUT[builtin]]
    if shape.state is State.SILENT:
        return ["--jump", "DROP"]
    if shape.loss:
        chance = ["--match", "statistic", "--mode", "random", "--probability", f"{shape.loss:.4f}"]
        return [*chance, "--jump", "DROP"]
    return []


def run_command(words: Sequence[str]) -> str:
    """Run a command and give what it printed. Raises ClusterError, one sentence, if it fails."""
    if shutil.which(words[0]) is None:
        raise ClusterError(f"{words[0]} is not installed, and containers need it.")
    try:
        done = subprocess.run(  # noqa: S603  the command is our own
            words, capture_output=True, text=True, check=False, timeout=_COMMAND_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(f"`{' '.join(words)}` did not end in time.") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise ClusterError(f"`{' '.join(words)}` failed: {said[-1].rstrip('.')}.")
    return done.stdout


def _pid(state: Any, service: str) -> int:
    """The process whose network namespace is the container's."""
    pid: int = state["State"]["Pid"]
    if not pid:
        raise ClusterError(f"{service} does not run, so that it has no links; start it first.")
    return pid


def _addresses(state: Any) -> list[str]:
    networks = state["NetworkSettings"]["Networks"].values()
    return [each["IPAddress"] for each in networks if each.get("IPAddress")]

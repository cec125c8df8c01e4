"""Acts on the containers that a compose file runs: `docker compose`, and iptables for links.

The services are called node-REGION and valkey-REGION, as in this project's compose.yaml. Which
project it is, compose finds out as always (COMPOSE_PROJECT_NAME, or the file's name).

A link is cut where the packets are made: in the network namespace of the reader's node, by a rule
on what goes to the origin's Valkey. That needs root and iptables on the machine that runs the
containers; rules vanish when the container is started again, as its namespace does.
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
from node.cluster.errors import ClusterError
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

_CUT: Final = {
    "OUTPUT": ["--protocol", "tcp", "--jump", "REJECT", "--reject-with", "tcp-reset"],
    "INPUT": ["--protocol", "tcp", "!", "--tcp-flags", "RST", "RST", "--jump", "DROP"],
}
"""A reader is refused as if by the origin, so that a reset may come in; an answer to what it asked
before the cut, as a blocked read does, may not."""

Run = Callable[[Sequence[str]], str]


class ComposeControls:
    """The controls of the cluster that a compose file runs."""

    def __init__(self, file: Path, run: Run | None = None) -> None:
        self._file = file
        self._run = run or run_command

    def act(self, act: Act) -> list[str]:
        """See `Controls`."""
        match act:
            case RegionAct(verb=Verb.WIPE):
                raise ClusterError(
                    "A container's stream server takes commands from nodes alone, and cannot be "
                    "wiped; remove its volume, or use a cluster of `keyspan up`."
                )
            case RegionAct():
                return [self._do(act.verb, service_name(act.region, part)) for part in act.parts]
            case LinkAct():
                for origin, reader in act.pairs:
                    self._reshape(origin, reader, act.shape)
                return [f"{origin} → {reader}: {_words(act.shape)}" for origin, reader in act.pairs]
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

    def _healthy(self, service: str) -> bool:
        health = self._inspect(service)["State"].get("Health")
        return health is None or bool(health["Status"] == "healthy")

    def _reshape(self, origin: str, reader: str, shape: Shape) -> None:
        if shape.latency_seconds or shape.jitter_seconds or shape.bandwidth:
            raise ClusterError(
                "Links between containers can be cut, silenced and made to lose packets, not "
                "delayed; use a cluster of `keyspan up --links` for that."
            )
        origin_state = self._inspect(service_name(origin, Part.STREAM))
        reader_state = self._inspect(service_name(reader, Part.NODE))
        inside = _namespace(reader_state, service_name(reader, Part.NODE))
        for command in link_rules(origin, _addresses(origin_state), shape):
            try:
                self._run([*inside, *command.words])
            except ClusterError:
                if not command.may_fail:
                    raise

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


def link_rules(origin: str, addresses: Sequence[str], shape: Shape) -> list[Command]:
    """What gives a link its shape in the reader's namespace.

    Packets to the origin's stream server, and from it, go through two chains of its own. These are
    emptied first, and stay empty for a link that is open.
    """
    commands: list[Command] = []
    for builtin, way, ending in (("OUTPUT", "--destination", "out"), ("INPUT", "--source", "in")):
        chain = f"KS-{origin}-{ending}"  # a name may have 28 characters
        commands.append(Command(["--new-chain", chain], may_fail=True))
        commands.append(Command(["--flush", chain]))
        if target := _target(builtin, shape):
            commands.append(Command(["--append", chain, *target]))
        for address in addresses:
            rule = (builtin, way, address, "--jump", chain)
            commands.append(Command(["--delete", *rule], may_fail=True))
            commands.append(Command(["--insert", *rule]))
    return commands


def _target(builtin: str, shape: Shape) -> list[str]:
    """What becomes of the packets; nothing for an open link."""
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


def _namespace(state: Any, service: str) -> list[str]:
    """How to run a command in a container's network namespace."""
    pid = state["State"]["Pid"]
    if not pid:
        raise ClusterError(f"{service} does not run, so that it has no links; start it first.")
    return ["nsenter", "--target", str(pid), "--net"]


def _addresses(state: Any) -> list[str]:
    networks = state["NetworkSettings"]["Networks"].values()
    return [each["IPAddress"] for each in networks if each.get("IPAddress")]


def _words(shape: Shape) -> str:
    return f"{shape.loss:.2%} lost" if shape.loss and shape.state is State.OPEN else shape.state

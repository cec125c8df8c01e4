"""`keyspan failover`: make a region the primary of the keys that a lost region led.

KMS cannot do this: its UpdatePrimaryRegion runs in the primary's region. The lost region, when it
comes back, finds the higher epoch and steps down by itself (architecture.md, D6).
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial

import msgspec

from node.cli.arguments import duration
from node.cli.command import Command, CommandError
from node.cli.failover_view import progress_line, show
from node.cli.place import add_place, endpoint_of, read_place
from node.cli.screen import output, remarks
from node.cluster.client import AdministrationClient
from node.operations.promotions import (
    MAJORITY,
    NONE,
    PromotedKey,
    PromoteResponse,
    may_be_won,
    may_be_won_later,
)

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Make a region the primary of the multi-Region keys that a lost region led, without asking
the lost one. Replicas go on encrypting and decrypting without any of this; it is for key
management: rotation, new replicas, deletion of the primary.

First look with --dry-run: it tells what would be promoted, how much of the lost region's
log was read, and which rotations would be given up. The lost region steps down by itself
when it comes back, and everything that was encrypted stays readable.

With --quorum majority the regions that hold the key are asked, the lost one counted, and
nothing is promoted unless more than half of them vote for it. Each votes once for a key and
epoch, so of two operators who cannot see each other one at the most succeeds. A majority of
two regions is both.

Exit status: 0 when every key that was asked for is led now, 1 when one is not.
"""

_WAIT_SECONDS = 10.0
_STEP_SECONDS = 1.0  # of one call that waits
_CALL_SECONDS = 60.0  # that a call may take beside: many keys are many signatures


def _add_arguments(parser: ArgumentParser) -> None:
    add_place(parser)
    parser.add_argument("--from", dest="lost", metavar="REGION", required=True, help="the lost one")
    parser.add_argument(
        "--to", dest="heir", metavar="REGION", required=True, help="the one that is to lead"
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="every key that the lost region led")
    which.add_argument(
        "--key", dest="keys", metavar="KEY-ID", action="append", help="one key; may be repeated"
    )
    parser.add_argument(
        "--quorum",
        choices=(MAJORITY, NONE),
        default=NONE,
        help="majority: only if more than half of the key's regions vote for it (default: none)",
    )
    parser.add_argument(
        "--wait",
        type=duration,
        default=_WAIT_SECONDS,
        metavar="TIME",
        help="how long to wait for their votes (default: 10s)",
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, only")


def _run(arguments: Namespace) -> int:
    if arguments.lost == arguments.heir:
        raise CommandError("--from and --to name the same region; --to is the one that lives.")
    place = read_place(arguments)
    endpoint_of(place, arguments.lost)
    client = AdministrationClient(place.administrator)
    endpoint = endpoint_of(place, arguments.heir)
    response = _Asking(arguments, partial(client.call, arguments.heir, endpoint, "Promote")).done()
    show(output(), response)
    return _missed(response, arguments.keys or ())


class _Asking:
    """One promotion, as a series of calls: what one has asked, the next one goes on with."""

    def __init__(self, arguments: Namespace, call: Callable[..., bytes]) -> None:
        self._call = call
        self._until: float = time.monotonic() + arguments.wait
        self._waits = arguments.quorum == MAJORITY and not arguments.dry_run
        self._keys: list[PromotedKey] = []
        self._request = {
            "from_region": arguments.lost,
            "key_ids": arguments.keys,
            "dry_run": arguments.dry_run,
            "quorum": arguments.quorum,
        }

    def done(self) -> PromoteResponse:
        """What came of it. What no majority has voted for in time is asked no longer, also if
        somebody interrupts the waiting.
        """
        if not self._waits:
            return self._next()
        response: PromoteResponse | None = None
        try:
            response = self._wait()
        finally:
            if response is None or response.undecided:
                response = self._next(withdraw=True)
        return msgspec.structs.replace(response, keys=self._keys)

    def _wait(self) -> PromoteResponse:
        console = remarks()
        response = self._next(wait=_STEP_SECONDS)
        again = True
        with console.status("waiting for votes") as status:
            while response.undecided and self._left > 0:
                if again and any(may_be_won_later(each) for each in response.undecided):
                    again = False  # once: two who go on like this would never come to an end
                    self._next(withdraw=True)
                elif not any(may_be_won(each) for each in response.undecided):
                    break
                line = progress_line(response.undecided, self._left)
                status.update(line)
                if not console.is_terminal:
                    console.print(line, soft_wrap=True)
                response = self._next(wait=_STEP_SECONDS)
        return response

    @property
    def _left(self) -> float:
        return self._until - time.monotonic()

    def _next(self, *, wait: float = 0.0, withdraw: bool = False) -> PromoteResponse:
        wait = max(min(wait, self._left), 0.0)
        request = {**self._request, "wait_seconds": wait, "withdraw": withdraw}
        answer = self._call(request, seconds=wait + _CALL_SECONDS)
        response = msgspec.json.decode(answer, type=PromoteResponse)
        self._keys += response.keys
        return response


def _missed(response: PromoteResponse, wanted: list[str] | tuple[()]) -> int:
    found = {key.key_id for key in (*response.keys, *response.undecided)}
    missed = [each for each in wanted if each not in found]
    for each in missed:
        output().print(
            f"! {each} is not a key that {response.lost.region} leads and {response.region} holds.",
            style="red",
        )
    return 1 if missed or response.undecided else 0


COMMAND = Command(
    "failover", "make a region lead the keys of a lost one", _DESCRIPTION, _add_arguments, _run
)

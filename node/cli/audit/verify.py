"""`keyspan audit verify`: is every trail whole, from its files and the public identities alone."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from node.audit import lines as kinds
from node.audit.folder import trail_files, trail_lines
from node.audit.lines import Checkpoint, Opened
from node.audit.read_line import BrokenLine, read_line
from node.audit.verification import Verdict, verify_trail
from node.cli.audit.trails import TrailPlace, add_trails, read_trails
from node.cli.command import Command, CommandError
from node.cli.screen import output, remarks

__all__ = ["VERB"]

_DESCRIPTION = """\
Read every file of every trail and prove that nothing in it was changed, cut, inserted or moved
since it was written, or name the first line where something was. Each trail is also held against
the checkpoints that other regions witnessed, as far as their trails are here or named with
--witness: they alone show that the end of a trail was cut off.

Exit status: 0 when every trail is whole, 1 when one is not, 2 when nothing could be read.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    add_trails(parser)
    parser.add_argument(
        "--witness",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help="the audit folder of another region, for the witnesses in it (may be repeated)",
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON, for scripts")


def _run(arguments: Namespace) -> int:
    trails = read_trails(arguments)
    folders = dict.fromkeys([each.folder for each in trails] + arguments.witness)
    files = [path for folder in folders for path in trail_files(folder)]
    if not files:
        raise CommandError("there is no audit trail yet; a node begins one with its first call.")
    to_read = sum(path.stat().st_size for each in trails for path in each.files)
    bytes_ = sum(path.stat().st_size for path in files) + to_read
    with _Bar(bytes_) as read:
        witnesses = find_witnesses(trail_lines(files, read))
        verdicts = [
            (each, verify_trail(trail_lines(each.files, read), each.identity, held))
            for each, held in held_against(trails, witnesses)
        ]
    if arguments.json:
        document = msgspec.json.encode([_document(*each) for each in verdicts])
        output().print(msgspec.json.format(document).decode(), soft_wrap=True)
    else:
        _show(verdicts, output())
    return 0 if all(verdict.whole for _, verdict in verdicts) else 1


def find_witnesses(lines: Iterable[tuple[str, bytes]]) -> list[Checkpoint]:
    """The checkpoints of other regions among these lines. Their signatures prove them."""
    found = []
    marker = f'"{kinds.WITNESS}":'.encode()
    for _, data in lines:
        if marker not in data:
            continue
        try:
            line = read_line(data)
            if line.kind == kinds.WITNESS:
                found.append(msgspec.json.decode(line.body, type=Checkpoint))
        except (BrokenLine, msgspec.MsgspecError):
            continue  # its own trail's verification says so
    return found


def held_against(
    trails: Sequence[TrailPlace], witnesses: Sequence[Checkpoint]
) -> Iterator[tuple[TrailPlace, list[Checkpoint]]]:
    """Each trail with the witnesses of it. Those of a trail that is not here go to the leader's, so
    that it is found missing.
    """
    ids = {each.folder: _trail_id(each) for each in trails}
    here = set(ids.values())
    for trail in trails:
        of_region = [each for each in witnesses if each.region == trail.region]
        yield (
            trail,
            [
                each
                for each in of_region
                if each.trail == ids[trail.folder] or (trail.worker == 1 and each.trail not in here)
            ],
        )


def _trail_id(trail: TrailPlace) -> str | None:
    """The ID that a trail's first line gives it; None if it gives none."""
    for path in trail.files[:1]:
        with path.open("rb") as file, suppress(BrokenLine, msgspec.MsgspecError):
            return msgspec.json.decode(read_line(file.readline()).body, type=Opened).trail
    return None


class _Bar:
    """A bar of bytes on standard error, where that is a terminal."""

    def __init__(self, total: int) -> None:
        self._bar = Progress(
            TextColumn("verifying"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=remarks(),
            transient=True,
        )
        self._task = self._bar.add_task("verifying", total=total)
        self._unseen = 0

    def __enter__(self) -> Callable[[int], None]:
        self._bar.start()
        return self._read

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _read(self, size: int) -> None:
        self._unseen += size
        if self._unseen >= 1 << 20:
            self._bar.advance(self._task, self._unseen)
            self._unseen = 0


def _show(verdicts: Sequence[tuple[TrailPlace, Verdict]], screen: Console) -> None:
    for trail, each in verdicts:
        if each.finding is not None:
            screen.print(f"! {trail.name}: {_finding(each)}", style="red", soft_wrap=True)
        else:
            screen.print(f"{trail.name}: {_praise(each)}", soft_wrap=True)
        if each.torn_bytes:
            text = f"~ {trail.name}: the last line is torn ({each.torn_bytes} bytes); "
            screen.print(text + "a crash did that, and the node's next start repairs it.")
    if all(verdict.whole for _, verdict in verdicts):
        screen.print("Every trail is whole.", style="green")


def _finding(verdict: Verdict) -> str:
    finding = verdict.finding
    if finding is None:
        return ""
    place = f" ({finding.file})" if finding.file else ""
    return f"{finding.damage.value} at line {finding.sequence:,}{place}: {finding.text}."


def _praise(verdict: Verdict) -> str:
    if verdict.trail is None:
        return "no trail yet."
    unsigned = verdict.last - verdict.signed
    parts = [
        f"{verdict.records:,} records in lines {verdict.first:,} to {verdict.last:,}",
        f"signed to line {verdict.signed:,}",
        f"witnessed to line {verdict.witnessed:,}" if verdict.witnessed else "not yet witnessed",
    ]
    if unsigned:
        parts.append(f"the last {unsigned:,} await their checkpoint")
    return "whole; " + ", ".join(parts) + "."


def _document(trail: TrailPlace, verdict: Verdict) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(verdict)
    return {**document, "worker": trail.worker, "whole": verdict.whole}


VERB = Command(
    "verify", "prove that nothing in the trails was touched", _DESCRIPTION, _add_arguments, _run
)

"""How `keyspan failover` tells what it knows, what was done, and what was not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from node.operations.promotions import (
    MAJORITY,
    Election,
    LostRegion,
    PromotedKey,
    PromoteResponse,
)

__all__ = ["progress_line", "show"]

_PAIR = 2
_KEYS_NAMED = 3


def show(screen: Console, response: PromoteResponse) -> None:
    """Everything that a promotion answered: the lost region, the keys, and what is missing."""
    screen.print(_lost(response.region, response.lost), soft_wrap=True)
    if not response.keys and not response.undecided:
        screen.print(
            f"{response.region} holds no key that {response.lost.region} leads: nothing to do."
        )
        return
    screen.print(_table([*response.keys, *response.undecided]))
    if response.dry_run:
        _show_plan(screen, response)
    if response.keys:
        done = "would lead" if response.dry_run else "leads"
        whether = ", if a majority votes for it" if _planned(response) else ""
        said = f"{response.region} {done} {_count(len(response.keys), 'key')}{whether}."
        screen.print(said, style="green")
    for line in _undecided(response):
        screen.print(line, style="red", soft_wrap=True)


def progress_line(undecided: Sequence[PromotedKey], seconds: float) -> str:
    """What is waited for, and how much longer."""
    elections = [each.election for each in undecided if each.election is not None]
    missing = sorted({region for each in elections for region in each.unanswered})
    whom = f" from {_listed(missing)}" if missing else ""
    return f"waiting for votes{whom} for {_count(len(undecided), 'key')}, {seconds:.0f} s more"


def _lost(region: str, lost: LostRegion) -> str:
    behind = lost.end - lost.position
    lag = f" ({_count(behind, 'change')} behind)" if behind else ""
    parts = [
        f"{lost.region}, as {region} sees it: {lost.state}; its log was applied up to entry "
        f"{lost.position} of {lost.end} that were seen{lag}",
        f"its stream server {_ago('answered', lost.heard_seconds)}",
        f"the last entry that was applied {_ago('was made', lost.entry_seconds)}",
        f"rotations of its keys in flight: {lost.rotations}",
    ]
    return "; ".join(parts) + "."


def _ago(verb: str, seconds: float | None) -> str:
    if seconds is None:
        return f"has not {'answered' if verb == 'answered' else 'come'} since this node started"
    return f"{verb} {seconds:.0f} s ago"


def _table(keys: Sequence[PromotedKey]) -> Table:
    elected = any(each.election is not None for each in keys)
    table = Table(box=None, padding=(0, 2))
    for column in ("Key", "Epoch", *(("Votes",) if elected else ()), "Rotation given up"):
        table.add_column(column)
    for key in keys:
        since = key.dropped_rotation_since
        begun = "" if since is None else time.strftime("begun %F %T UTC", time.gmtime(since))
        votes = (_votes(key.election),) if elected else ()
        table.add_row(key.key_id, str(key.epoch), *votes, begun)
    return table


def _votes(election: Election | None) -> str:
    if election is None:
        return ""
    return f"{len(election.votes)} of {len(election.regions)} ({election.needed} needed)"


def _planned(response: PromoteResponse) -> bool:
    return response.dry_run and response.quorum == MAJORITY


def _show_plan(screen: Console, response: PromoteResponse) -> None:
    """Whom a majority consists of, and who can be expected to answer."""
    for keys, election in _alike(response.keys):
        states = [_expected(response, election, each) for each in election.regions]
        screen.print(
            f"{_named(keys)}: {election.needed} of {len(election.regions)} regions have to vote: "
            f"{'; '.join(states)}.",
            soft_wrap=True,
        )
        if _within_reach(response, election) < election.needed:
            screen.print(
                f"! So few answer now that there is no majority. {_next_step(response, election)}",
                style="red",
                soft_wrap=True,
            )


def _expected(response: PromoteResponse, election: Election, region: str) -> str:
    refusals = {each.region: each.why for each in election.refusals}
    if region in refusals:
        return f"{region} (does not vote: {refusals[region]})"
    if region in election.votes:
        return f"{region} (has voted)"
    if region == response.region:
        return f"{region} (votes for itself)"
    return f"{region} ({response.regions.get(region, 'unknown')})"


def _within_reach(response: PromoteResponse, election: Election) -> int:
    refused = {each.region for each in election.refusals}
    answering = {each for each, state in response.regions.items() if state == "connected"}
    reached = {response.region, *answering, *election.votes} - refused
    return len(reached & set(election.regions))


def _undecided(response: PromoteResponse) -> Iterator[str]:
    for keys, election in _alike(response.undecided):
        voted = f"{len(election.votes)} of the {election.needed} votes that are needed"
        yield f"! {_named(keys)}: no majority. {voted} came ({_listed(election.votes)})."
        for refusal in election.refusals:
            yield f"!   {refusal.region} does not vote for {response.region}: {refusal.why}."
        for region in election.unanswered:
            state = response.regions.get(region, "unknown")
            yield f"!   {region} has not answered ({state})."
        yield (
            f"! Not promoted: {_count(len(keys), 'key')}. Votes that come later are not used. "
            f"{_next_step(response, election)}"
        )


def _next_step(response: PromoteResponse, election: Election) -> str:
    alone = f"--quorum none lets {response.region} lead on one operator's word."
    if len(election.regions) == _PAIR:
        return (
            f"A majority of two regions is both, and {response.lost.region} is one of them: {alone}"
        )
    return f"Ask again when more regions answer; or {alone}"


def _alike(keys: Sequence[PromotedKey]) -> Iterator[tuple[Sequence[str], Election]]:
    """The keys whose elections stand alike, together."""
    groups: dict[str, tuple[list[str], Election]] = {}
    for each in keys:
        if each.election is not None:
            ids, _ = groups.setdefault(repr(each.election), ([], each.election))
            ids.append(each.key_id)
    yield from groups.values()


def _named(keys: Sequence[str]) -> str:
    if len(keys) > _KEYS_NAMED:
        return f"{_listed(keys[:_KEYS_NAMED])} and {len(keys) - _KEYS_NAMED} more keys"
    return _listed(keys)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

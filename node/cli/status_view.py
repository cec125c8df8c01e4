"""How `keyspan status` looks: a table of regions, one of who has read whom, one of what waits for
whom, and complaints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import gmtime, strftime
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from node.cluster.status import Unreachable, incidents
from node.model.status import PeerStatus, RegionStatus
from node.settings import ClusterSettings

__all__ = ["show_status"]

WAITING_SHOWN: Final = 8

_STYLES: Mapping[str, str] = MappingProxyType(
    {
        "following": "green",
        "caught up": "green",
        "connected": "green",
        "resyncing": "yellow",
        "refused": "bold red",
        "unreachable": "red",
    }
)


def show_status(
    settings: ClusterSettings,
    answers: Sequence[RegionStatus | Unreachable],
    complaints: Sequence[str],
    screen: Console,
) -> None:
    """Print what the regions answered; `complaints` are what needs a person."""
    screen.print(_regions_table(settings, answers))
    screen.print()
    reached = [answer for answer in answers if isinstance(answer, RegionStatus)]
    if any(answer.peers for answer in reached):
        screen.print(_peers_table(reached))
        screen.print()
    if any(answer.waiting for answer in reached):
        screen.print(_waiting_table(reached))
        screen.print()
    for incident in (each for answer in reached for each in incidents(answer)):
        screen.print(f"~ {incident}", style="yellow", soft_wrap=True)
    for complaint in complaints:
        screen.print(f"! {complaint}", style="red", soft_wrap=True)
    if not complaints:
        screen.print(_verdict(reached), style="green")


def _verdict(reached: Sequence[RegionStatus]) -> str:
    if all(answer.caught_up for answer in reached):
        return "Every region answers and has read every log to its end."
    return "Every region answers and follows its peers; some are still catching up."


def _regions_table(
    settings: ClusterSettings, answers: Sequence[RegionStatus | Unreachable]
) -> Table:
    table = _table(f"Account {settings.account}")
    for heading in ("Region", "Endpoint", "State"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Keys")
    table.add_column("Published", justify="right")
    table.add_column("Stream")
    for answer in answers:
        endpoint = urlsplit(settings.regions[answer.region].endpoint).netloc
        table.add_row(Text(answer.region, "bold"), endpoint, *_region_cells(answer))
    return table


def _region_cells(answer: RegionStatus | Unreachable) -> list[Text]:
    if isinstance(answer, Unreachable):
        return [_styled("unreachable")]
    published = Text(f"{answer.log.published:,} of {answer.log.last:,}")
    stream = _styled("connected" if answer.log.connected else "unreachable")
    return [Text("answers", "green"), Text(_keys(answer.keys)), published, stream]


def _keys(counts: Mapping[str, int]) -> str:
    shown = [f"{count:,} {state}" for state, count in sorted(counts.items()) if count]
    return ", ".join(shown) or "none"


def _peers_table(reached: Sequence[RegionStatus]) -> Table:
    table = _table("Replication")
    for heading in ("Region", "Peer", "State"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Position", "Lag", "Acknowledged", "Refused"):
        table.add_column(heading, justify="right")
    for answer in reached:
        for index, (name, peer) in enumerate(answer.peers.items()):
            region = Text(answer.region if index == 0 else "", "bold")
            table.add_row(region, name, _state(peer), *_peer_cells(peer, answer.log.last))
    return table


def _waiting_table(reached: Sequence[RegionStatus]) -> Table:
    """The keys that wait, those that have waited longest first, and how many are not shown."""
    table = _table("Waiting")
    for heading in ("Region", "Key", "For its", "Until it is applied in", "Since"):
        table.add_column(heading, no_wrap=heading != "Until it is applied in")
    for answer in reached:
        for each in answer.waiting[:WAITING_SHOWN]:
            automatic = "automatic " if each.rotation_type == "AUTOMATIC" else ""
            since = "" if each.since is None else strftime("%F %T UTC", gmtime(each.since))
            regions = Text(", ".join(each.regions), "yellow")
            table.add_row(
                Text(answer.region, "bold"), each.key_id, automatic + each.kind, regions, since
            )
        rest = len(answer.waiting) - WAITING_SHOWN
        if rest > 0:
            table.add_row(Text(answer.region, "bold"), f"and {rest} more: --json")
    return table


def _state(peer: PeerStatus) -> Text:
    return _styled("caught up" if peer.caught_up else peer.state)


def _peer_cells(peer: PeerStatus, own_end: int) -> list[Text]:
    """How far the peer's log was read here, and how much of this region's the peer has."""
    return [
        Text(f"{peer.position:,} of {peer.end:,}"),
        _count(peer.lag, "yellow"),
        Text(f"{peer.acknowledged:,} of {own_end:,}"),
        _count(peer.refusals, "bold red"),
    ]


def _count(number: int, style: str) -> Text:
    return Text(f"{number:,}", style if number else "dim")


def _styled(word: str) -> Text:
    return Text(word, _STYLES.get(word, "yellow"))


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )

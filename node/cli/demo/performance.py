"""Playing the story: every step in order, until the end or the first one that fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from node.cli.demo.clients import kms_client
from node.cli.demo.narrator import Narrator
from node.cli.demo.stage import Stage
from node.cli.demo.story import STORY, Act, Step
from node.cluster import LocalCluster

__all__ = ["perform", "play"]


def perform(cluster: LocalCluster, narrator: Narrator, folder: Path) -> bool:
    """Play the story in a running cluster of three regions; its files go to the folder."""
    home, *others = cluster.regions
    clients = {
        name: kms_client(region, cluster.administrator) for name, region in cluster.regions.items()
    }
    return play(STORY, Stage(cluster, clients, narrator, folder, home, (others[0], others[1])))


def play(story: Sequence[Act], stage: Stage) -> bool:
    """Play the acts and close with the table. Gives whether every step went as it should."""
    narrator = stage.narrator
    if all(_play_act(act, stage) for act in story):
        narrator.closing(f"All {narrator.passed} steps went as they should.", "bold green")
        return True
    verdict = f"{narrator.passed} steps went as they should; then one failed, and the story ended."
    narrator.closing(verdict, "bold red")
    return False


def _play_act(act: Act, stage: Stage) -> bool:
    stage.narrator.act(act.text)
    return all(_show(step, stage) for step in act.steps)


def _show(step: Step, stage: Stage) -> bool:
    try:
        with stage.narrator.step(step.text):
            step.show(stage)
    except Exception as error:  # noqa: BLE001  whatever a step raises, of any library, fails it
        stage.narrator.failure(f"{type(error).__name__}: {error}")
        return False
    return True

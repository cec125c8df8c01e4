"""What every command is: a name, the words of its help, its arguments, and what it does."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Command", "CommandError"]


class CommandError(Exception):
    """A mistake that the person at the terminal can put right: one sentence, with the next step."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `run` takes the parsed arguments and gives the exit status.

    It may raise CommandError, ClusterError, SettingsError or OSError; each becomes one sentence.
    """

    name: str
    summary: str
    description: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]

"""A parser of command lines whose every refusal is one sentence with the next step."""

from __future__ import annotations

import difflib
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from node.cli.command import Command, CommandError

__all__ = ["parse"]

_EPILOGUE = "`keyspan COMMAND --help` tells more about each command."
_HELP = ("-h", "--help")


class _Parser(ArgumentParser):
    """An ArgumentParser that raises instead of printing its usage and exiting."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message}; `{self.prog} --help` shows what it takes.")


def parse(commands: Sequence[Command], words: Sequence[str]) -> tuple[Command, Namespace]:
    """Find the command and its arguments. Raises CommandError; `--help` prints and exits."""
    parser = _Parser(
        prog="keyspan",
        description="A key management service for several regions at once.",
        epilog=_EPILOGUE,
    )
    group = parser.add_subparsers(metavar="COMMAND", title="commands", required=True, dest="name")
    parsers = {command.name: _added(group, command) for command in commands}
    _refuse_unknown_command(words, parsers)
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        _refuse_unknown_words(parsers[arguments.name], unknown)
    return next(each for each in commands if each.name == arguments.name), arguments


def _added(group: _SubParsersAction[_Parser], command: Command) -> _Parser:
    parser = group.add_parser(command.name, help=command.summary, description=command.description)
    command.add_arguments(parser)
    return parser


def _refuse_unknown_command(words: Sequence[str], known: Iterable[str]) -> None:
    if not words or words[0] in known or words[0] in _HELP:
        return
    if words[0].startswith("-"):
        raise CommandError("the command comes first; `keyspan --help` lists the commands.")
    close = difflib.get_close_matches(words[0], known, n=1)
    remedy = f"perhaps {close[0]!r} is meant" if close else f"there are {', '.join(known)}"
    raise CommandError(f"there is no command {words[0]!r}; {remedy}.")


def _refuse_unknown_words(parser: _Parser, unknown: Sequence[str]) -> None:
    options = [option for action in parser._actions for option in action.option_strings]
    close = difflib.get_close_matches(unknown[0].partition("=")[0], options, n=1)
    remedy = f"perhaps {close[0]} is meant" if close else "it takes no such word"
    parser.error(f"{unknown[0]!r} is not known to `{parser.prog}`, {remedy}")

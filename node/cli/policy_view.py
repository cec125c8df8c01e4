"""How `keyspan policy explain` looks: the outcome, then each statement and grant and its reason."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from node.operations.explanation import (
    ExplainedGrant,
    ExplainedStatement,
    ExplainPolicyResponse,
)

__all__ = ["show_explanation"]

_KINDS = {"resource-based policy": "key policy", "session policy": "session policy"}


def show_explanation(answer: ExplainPolicyResponse, screen: Console) -> None:
    """Print an explanation."""
    screen.print(_verdict(answer), soft_wrap=True)
    screen.print(answer.message or f"Because {answer.reason}.", soft_wrap=True)
    screen.print()
    if answer.statements or answer.grants:
        screen.print(_table(answer))
    else:
        screen.print("No policy and no grant bears on it.")
    if answer.absent:
        screen.print()
        screen.print(
            f"The call was taken not to have {', '.join(answer.absent)}; --condition KEY=VALUE "
            "gives it one.",
            style="dim",
            soft_wrap=True,
        )


def _verdict(answer: ExplainPolicyResponse) -> Text:
    what = f"{answer.action} on {answer.resource} in {answer.region}, by {answer.principal}"
    if answer.allowed:
        return Text.assemble(("ALLOWED", "bold green"), "  ", what)
    return Text.assemble(("DENIED", "bold red"), "  ", what)


def _table(answer: ExplainPolicyResponse) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("")
    table.add_column("Policy", overflow="fold")
    table.add_column("Statement", overflow="fold")
    table.add_column("Effect")
    table.add_column("Matches")
    table.add_column("Why", overflow="fold", ratio=1)
    for statement in answer.statements:
        table.add_row(*_statement_cells(statement), style=_style(statement))
    for grant in answer.grants:
        table.add_row(*_grant_cells(grant), style=_style(grant))
    return table


def _statement_cells(statement: ExplainedStatement) -> tuple[str, ...]:
    name = _KINDS.get(statement.source, statement.policy)
    sid = f" {statement.sid}" if statement.sid else ""
    return (
        _mark(statement),
        name,
        f"{statement.number}{sid}",
        statement.effect,
        "yes" if statement.matches else "no",
        statement.why,
    )


def _grant_cells(grant: ExplainedGrant) -> tuple[str, ...]:
    named = f"{grant.grant_id[:12]}… {grant.name}".rstrip()
    matches = "yes" if grant.matches else "no"
    return _mark(grant), "grant", named, "Allow", matches, grant.why


def _mark(row: ExplainedStatement | ExplainedGrant) -> str:
    return "→" if row.decides else ""


def _style(row: ExplainedStatement | ExplainedGrant) -> str:
    if not row.decides:
        return "" if row.matches else "dim"
    return "bold red" if isinstance(row, ExplainedStatement) and row.effect == "Deny" else "bold"

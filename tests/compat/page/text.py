"""The page: facts in, Markdown out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from botocore.model import Shape

from tests.compat.page.decisions import Shown
from tests.compat.page.facts import Operation, Parameter, values_of

REFERENCE = "https://docs.aws.amazon.com/kms/latest/APIReference/API_"
HEAD = """\
# Compatibility with AWS KMS

*This page is written by `make compatibility`, from what the code does; do not edit it.*

boto3 {boto3} called every operation of botocore's KMS model (botocore {botocore}, {operations}
operations) on regions that run in one process: every parameter at least once, and every value that
the model names. The page tells what was answered. A parameter is

- **used** where calls that give it succeed and the operation looked at it,
- **not looked at** where such calls succeed and the operation never read it,
- **refused** where every such call was refused, with the error that came.

That each request and answer has the model's members, types and limits is held by
`tests/unit/wire/test_model.py`; that no request makes a region fail, by `make fuzz`; that clients
which others wrote work unmodified, by `make clients`.

**{served} of {operations} operations are served.** Of their {parameters} parameters, {used} are
used, {refused} refused, {unread} not looked at.
"""
CASES = """
## Where KMS is not documented, and where Keyspan differs

The rows of [decision 0005](decisions/0005-where-kms-is-not-documented.md), and what was answered
when each case was asked for this page.

| case | decided | asked here | answered |
| --- | --- | --- | --- |
"""
SUMMARY = """
## The operations

| operation | calls made / answered | parameters used | refused | not looked at |
| --- | --- | --- | --- | --- |
"""


def page(operations: Sequence[Operation], cases: Sequence[Shown], versions: dict[str, str]) -> str:
    """The whole page."""
    served = [each for each in operations if each.served]
    parts = [
        HEAD.format(
            **versions,
            operations=len(operations),
            served=len(served),
            parameters=sum(len(each.parameters) for each in served),
            used=sum(each.having("used") for each in served),
            refused=sum(each.having("refused") for each in served),
            unread=sum(each.having("not looked at") for each in served),
        ),
        SUMMARY,
        *(_summary(each) for each in operations),
        CASES,
        *(_case(each) for each in cases),
        *(_section(each) for each in operations),
    ]
    return "".join(parts)


def _summary(each: Operation) -> str:
    name = f"[{each.name}](#{each.name.lower()})"
    if not each.served:
        return f"| {name} | **not served** | | | |\n"
    refused = _names(each, "refused")
    unread = _names(each, "not looked at")
    used = f"{each.having('used')} of {len(each.parameters)}"
    return f"| {name} | {each.calls} / {each.succeeded} | {used} | {refused} | {unread} |\n"


def _names(each: Operation, status: str) -> str:
    return ", ".join(f"`{one.name}`" for one in each.parameters if one.status == status)


def _case(each: Shown) -> str:
    operation = f"[{each.operation}](#{each.operation.lower()})" if each.operation else "-"
    return f"| {each.case} | {each.decided} | {operation} | {_cell(each.answered)} |\n"


def _section(each: Operation) -> str:
    head = f"\n## {each.name}\n\n[API reference]({REFERENCE}{each.name}.html). "
    if not each.served:
        return f"{head}Not served: {_cell(each.why)}\n"
    return "".join([head, _outcome(each), "\n", *_table(each)])


def _outcome(each: Operation) -> str:
    if each.why:
        return f"Every call was refused: {_cell(each.why)}.\n"
    text = f"{each.succeeded} of {each.calls} calls succeeded."
    if each.answered:
        text += f" Answers had {_listed(each.answered)}"
        text += f"; never {_listed(each.unanswered)}." if each.unanswered else "."
    return f"{text}\n"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(each: Operation) -> Iterator[str]:
    if not each.parameters:
        return
    yield "| parameter | in the model | here |\n| --- | --- | --- |\n"
    for parameter in each.parameters:
        model = _cell(_described(parameter.shape))
        name = f"`{parameter.name}`" + (", required" if parameter.required else "")
        yield f"| {name} | {model} | {_cell(_seen(parameter))} |\n"


def _seen(parameter: Parameter) -> str:
    text: str = parameter.status
    if parameter.why:
        text += f": {parameter.why}"
    for value, why in parameter.refused_values:
        text += f"; `{value}` refused: {why}"
    return text


def _described(shape: Shape) -> str:
    """A parameter's type and limits."""
    values = values_of(shape)
    if values and shape.type_name == "list":
        return f"list of {_listed(values)}"
    if values:
        return f"one of {len(values)}: {_listed(values)}" if len(values) > 1 else f"`{values[0]}`"
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    bounds = "" if most is None else f", {least or 0} to {most}"
    return f"{shape.type_name}{bounds}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

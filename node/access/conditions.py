"""The Condition element: every operator of the policy language, compiled and tested.

All conditions of a statement must hold; of the values of one condition, one must match, or none for
a negated operator. A request that lacks the key satisfies negated operators, ...IfExists,
ForAllValues and `Null: true`, and nothing else. A policy variable that has no value in the
request matches nothing, and a negated condition with one does not hold.

Source: IAM User Guide, "Condition operators" and "Creating a condition with multiple keys or
values". What they leave open is in docs/decisions (access control).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal

from node.access import operands
from node.access.operands import Operand
from node.access.patterns import Lookup, Unresolved

Quantifier = Literal["", "ForAnyValue", "ForAllValues"]
_QUANTIFIERS: Final[Mapping[str, Quantifier]] = {
    "": "",
    "ForAnyValue": "ForAnyValue",
    "ForAllValues": "ForAllValues",
}
IF_EXISTS: Final = "IfExists"
NULL: Final = "Null"


@dataclass(frozen=True, slots=True)
class Operator:
    """How a family of operators makes its operands, and whether it is the negated one."""

    operand: Callable[..., Operand]
    negated: bool = False


_ORDERS: Final[Mapping[str, tuple[Callable[[Decimal, Decimal], bool], bool]]] = MappingProxyType(
    {
        "Equals": (operator.eq, False),
        "NotEquals": (operator.eq, True),
        "LessThan": (operator.lt, False),
        "LessThanEquals": (operator.le, False),
        "GreaterThan": (operator.gt, False),
        "GreaterThanEquals": (operator.ge, False),
    }
)

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        "StringEquals": Operator(operands.exact),
        "StringNotEquals": Operator(operands.exact, negated=True),
        "StringEqualsIgnoreCase": Operator(operands.exact_ignoring_case),
        "StringNotEqualsIgnoreCase": Operator(operands.exact_ignoring_case, negated=True),
        "StringLike": Operator(operands.like),
        "StringNotLike": Operator(operands.like, negated=True),
        "Bool": Operator(operands.boolean),
        "BinaryEquals": Operator(operands.binary_equals),
        "IpAddress": Operator(operands.in_network),
        "NotIpAddress": Operator(operands.in_network, negated=True),
        "ArnEquals": Operator(operands.arn_like),
        "ArnNotEquals": Operator(operands.arn_like, negated=True),
        "ArnLike": Operator(operands.arn_like),
        "ArnNotLike": Operator(operands.arn_like, negated=True),
        **{
            f"Numeric{name}": Operator(operands.numeric(compare), negated)
            for name, (compare, negated) in _ORDERS.items()
        },
        **{
            f"Date{name}": Operator(operands.dated(compare), negated)
            for name, (compare, negated) in _ORDERS.items()
        },
    }
)
"""Every operator but Null, by its name without quantifier and without IfExists."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator as a policy writes it, with its quantifier and its IfExists.

    `holds_without` is what becomes of a request that lacks the key.
    """

    name: str
    quantifier: Quantifier
    negated: bool
    holds_without: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator, one condition key, and the values that it is compared with."""

    comparison: Comparison
    key: str  # lower case
    shown_key: str
    shown_values: tuple[str, ...]
    operands: tuple[Operand, ...]

    def holds(self, lookup: Lookup) -> bool:
        """Whether the condition holds for a request."""
        values = lookup(self.key)
        comparison = self.comparison
        if values is None:
            return comparison.holds_without
        try:
            if comparison.quantifier == "ForAllValues":
                return all(self._matches(each, lookup) != comparison.negated for each in values)
            if comparison.quantifier == "ForAnyValue":
                return any(self._matches(each, lookup) != comparison.negated for each in values)
            return any(self._matches(each, lookup) for each in values) != comparison.negated
        except Unresolved:
            return False

    def unresolved(self, lookup: Lookup) -> str | None:
        """The first policy variable in it that has no value in this request."""
        for operand in self.operands:
            try:
                operand.matches("", lookup)
            except Unresolved as variable:
                return str(variable)
        return None

    def _matches(self, value: str, lookup: Lookup) -> bool:
        """Whether a value matches one of the operands, in whatever order the policy has them.

        An operand without a value matches nothing; for a negated operator it must not count as a
        difference, so that there it raises Unresolved.
        """
        missing: Unresolved | None = None
        for operand in self.operands:
            try:
                if operand.matches(value, lookup):
                    return True
            except Unresolved as variable:
                missing = variable
        if missing is not None and self.comparison.negated:
            raise missing
        return False

    def __str__(self) -> str:
        return f"{self.comparison.name} {self.shown_key} {', '.join(self.shown_values)}"


def compiled(name: str, key: str, values: tuple[str, ...], *, variables: bool) -> Condition:
    """Compile a condition. Raises ValueError for an unknown operator or a value not of its kind."""
    if name == NULL:
        return _null(key, values)
    comparison, found = _parsed(name)
    made = tuple(found.operand(value, variables=variables) for value in values)
    return Condition(comparison, key.lower(), key, values, made)


def _null(key: str, values: tuple[str, ...]) -> Condition:
    """Null: "true" is the request without the key, "false" the one with it."""
    wanted = {value.lower() for value in values}
    if not wanted <= {"true", "false"}:
        raise ValueError(f"{NULL} is compared with true or false alone")
    comparison = Comparison(NULL, "", negated=False, holds_without="true" in wanted)
    present = (operands.Anything(),) if "false" in wanted else ()
    return Condition(comparison, key.lower(), key, values, present)


def _parsed(name: str) -> tuple[Comparison, Operator]:
    quantifier, colon, rest = name.rpartition(":")
    base = rest.removesuffix(IF_EXISTS)
    found = OPERATORS.get(base)
    if found is None or quantifier not in _QUANTIFIERS or bool(colon) != bool(quantifier):
        raise ValueError(f"there is no condition operator {name}")
    known = _QUANTIFIERS[quantifier]
    without = found.negated if not known else known == "ForAllValues"
    return Comparison(name, known, found.negated, without or base != rest), found

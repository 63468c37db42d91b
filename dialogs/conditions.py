"""Conditions of branches and scores: ``year >= 2020 and ends == "this_month"``. Names, constants, comparisons."""

from __future__ import annotations

import ast
import contextlib
import operator
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dialogs.conversation import Value

LONGEST = 300
DEEPEST = 20
Constant = str | int | float | bool


class ConditionError(ValueError):
    """What is wrong, in Russian, and in which column (from 1)."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message, self.column = message, column


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read. ``names``: the answers and facts it looks at."""

    text: str
    names: frozenset[str]
    tree: ast.expr = field(repr=False, compare=False)

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Is it so for these answers? A comparison with an answer that is not there is false; nothing ever raises."""
        return _truth(self.tree, values)


_MISSING = object()
_WORDS = {"true": True, "false": False, "True": True, "False": False}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_EXAMPLE = 'пишите, например: year >= 2020 and ends == "this_month"'


# ---------------------------------------------------------------- reading


@lru_cache(maxsize=1024)
def parse(text: str) -> Condition:
    """Read a condition. Raises ConditionError with the column and the way out."""
    if len(text) > LONGEST:
        raise ConditionError(f"условие длиннее {LONGEST} букв; разбейте его на несколько", LONGEST + 1)
    if "\\" in text or "\n" in text.strip() or "\0" in text:
        raise ConditionError("условие пишется в одну строку, без обратной черты; " + _EXAMPLE, 1)
    if not text.strip():
        raise ConditionError("условие пустое; " + _EXAMPLE, 1)
    lead = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)  # «1or 2»: what Python only doubts, we do not understand
            tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ConditionError(_syntax(text), (error.offset or 1) + lead) from None
    except (ValueError, MemoryError, RecursionError):
        raise ConditionError("условие не понято; " + _EXAMPLE, 1) from None
    names: set[str] = set()
    _check(tree, names, lead, 0)
    return Condition(text, frozenset(names), tree)


def names_among(texts: Iterable[str]) -> frozenset[str]:
    """The names that these conditions look at; those that cannot be read look at none."""
    names: set[str] = set()
    for text in texts:
        with contextlib.suppress(ConditionError):
            names |= parse(text).names
    return frozenset(names)


def _syntax(text: str) -> str:
    bare = text.replace("==", "").replace("!=", "").replace("<=", "").replace(">=", "")
    if "=" in bare:
        return "для сравнения нужны два знака: «==»; " + _EXAMPLE
    if "&" in text or "|" in text or "!" in bare:
        return "пишите словами: and, or, not; " + _EXAMPLE
    if any(f" {word} " in f" {text} ".casefold() for word in ("и", "или", "не")):
        return "вместо «и», «или», «не» пишите and, or, not; текст берите в кавычки"
    if any(quote in text for quote in "«»“”„"):
        return 'кавычки в условиях прямые: "текст"; ' + _EXAMPLE
    return "условие не понято; " + _EXAMPLE


def _check(node: ast.expr, names: set[str], lead: int, depth: int) -> None:
    column = node.col_offset + 1 + lead
    if depth > DEEPEST:
        raise ConditionError("слишком много скобок одна в другой", column)
    if isinstance(node, ast.Name):
        if node.id not in _WORDS:
            names.add(node.id)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
        return
    for part in _parts(node, column):
        _check(part, names, lead, depth + 1)


def _parts(node: ast.expr, column: int) -> list[ast.expr]:
    """What an allowed node consists of. Raises ConditionError for any other."""
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [node.operand]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and _is_number(node.operand):
        return []
    if isinstance(node, ast.Tuple | ast.List) and all(_is_constant(one) for one in node.elts):
        return list(node.elts)
    if isinstance(node, ast.Compare) and all(type(op) in _SIGNS for op in node.ops):
        return [node.left, *node.comparators]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        raise ConditionError("пишите словами: and, or, not; " + _EXAMPLE, column)
    raise ConditionError('в условии могут быть только имена шагов, числа, "текст", сравнения и and, or, not', column)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_constant(node: ast.expr) -> bool:
    return _constant(node) is not None


def _constant(node: ast.expr) -> Constant | None:
    """The constant written here; None when it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
        return node.value
    if isinstance(node, ast.Name):
        return _WORDS.get(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = node.operand.value
        return -number if isinstance(number, int | float) else None
    return None


# ---------------------------------------------------------------- holding


def _truth(node: ast.expr, values: Mapping[str, Value]) -> bool:
    if isinstance(node, ast.BoolOp):
        each = (_truth(part, values) for part in node.values)
        return all(each) if isinstance(node.op, ast.And) else any(each)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _truth(node.operand, values)
    if isinstance(node, ast.Compare):
        sides = [_value(side, values) for side in (node.left, *node.comparators)]
        return all(_compare(*pair) for pair in zip(sides, node.ops, sides[1:], strict=False))
    value = _value(node, values)
    return value is not _MISSING and bool(value)


def _value(node: ast.expr, values: Mapping[str, Value]) -> object:
    constant = _constant(node)
    if constant is not None:
        return constant
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_constant(one) for one in node.elts)
    if isinstance(node, ast.Name):
        return values.get(node.id, _MISSING)
    return _truth(node, values)


def _compare(left: object, op: ast.cmpop, right: object) -> bool:
    if left is _MISSING or right is _MISSING:
        return False
    if isinstance(op, ast.In | ast.NotIn):
        return _within(left, right) == isinstance(op, ast.In)
    left, right = _alike(left, right)
    if isinstance(op, ast.Eq | ast.NotEq):
        same = type(left) is type(right) and left == right
        return same == isinstance(op, ast.Eq)
    return type(left) is type(right) and not isinstance(left, tuple) and _ORDER[type(op)](left, right)


def _within(left: object, right: object) -> bool:
    """One of several, or a text within a text."""
    if isinstance(right, tuple):
        return any(_compare(left, ast.Eq(), one) for one in right)
    return isinstance(left, str) and isinstance(right, str) and _plain(left) in _plain(right)


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е").strip()


def _alike(left: object, right: object) -> tuple[object, object]:
    """Two values as one kind where that is sensible: «2» and 2 are one number, texts differ not by case or ё."""
    if isinstance(left, str) and isinstance(right, str):
        return _plain(left), _plain(right)
    return (
        (left, right)
        if isinstance(left, str) == isinstance(right, str) and type(left) is type(right)
        else (_numeric(left), _numeric(right))
    )


def _numeric(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        return float(value)
    except (ValueError, OverflowError):
        return value


# ---------------------------------------------------------------- for lint


def comparisons(condition: Condition) -> Iterator[tuple[str, str, Constant]]:
    """Each comparison of a name with a constant, as (name, sign, constant); the name always on the left."""
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    for node in ast.walk(condition.tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
            sign = _SIGNS[type(op)]
            if isinstance(right, ast.Name) and _constant(right) is None:
                left, right, sign = right, left, turned.get(sign, sign)
            if isinstance(left, ast.Name) and _constant(left) is None:
                options = right.elts if isinstance(right, ast.Tuple | ast.List) else [right]
                yield from ((left.id, sign, one) for one in map(_constant, options) if one is not None)


def looked_for(condition: Condition) -> Iterator[tuple[str, Constant]]:
    """(name, constant) for ``name in (constant, …)``: the answer is looked for, not something in the answer."""
    for node in ast.walk(condition.tree):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        for left, op, right in zip(sides, node.ops if isinstance(node, ast.Compare) else (), sides[1:], strict=False):
            if isinstance(op, ast.In | ast.NotIn) and isinstance(left, ast.Name) and _constant(left) is None:
                options = right.elts if isinstance(right, ast.Tuple | ast.List) else [right]
                yield from ((left.id, one) for one in map(_constant, options) if one is not None)


def looked_into(condition: Condition) -> Iterator[tuple[str, str, Constant]]:
    """(name, sign, constant) for ``"constant" in name``: something is looked for in the answer."""
    for node in ast.walk(condition.tree):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        for left, op, right in zip(sides, node.ops if isinstance(node, ast.Compare) else (), sides[1:], strict=False):
            constant, name = _constant(left), isinstance(right, ast.Name) and _constant(right) is None
            if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Name) and name and constant is not None:
                yield right.id, _SIGNS[type(op)], constant


def compared_with(condition: Condition) -> Iterator[tuple[str, Constant]]:
    """(name, constant) wherever the answer must be, or must not be, exactly this: ``==``, ``!=``, ``in (…)``."""
    return ((name, constant) for name, sign, constant in comparisons(condition) if sign in ("==", "!=", "in", "not in"))

"""A condition as a whole: ``a == 1 and a == 2`` never holds, ``hour < 24`` always does.

Every name is tried with the values at which some comparison turns, so nothing is guessed: what holds for none of them
holds for nobody.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations, product

from dialogs.conditions import Condition, Constant, comparisons
from dialogs.conversation import Value
from dialogs.flow import Flow, Step
from dialogs.lint_facts import Kind, kinds
from dialogs.pages import Page
from dialogs.problems import Problem
from dialogs.yaml_tree import Loc

MOST_TRIES, MOST_TEXTS = 3000, 5
NEVER_FIX = "Проверьте and и or: одно и то же не бывает сразу двумя разными значениями."
ALWAYS_FIX = "Уберите if или поправьте сравнение."
_TEXTS = ("text", "name", "phone", "email")


def as_a_whole(page: Page, loc: Loc, condition: Condition, flow: Flow) -> Iterator[Problem]:
    """A condition whose parts are sound, and which yet can never hold, or cannot fail."""
    outcomes = _outcomes(condition, flow)
    if outcomes == {False}:
        yield page.problem(loc, "impossible-condition", "это условие никогда не выполнится", NEVER_FIX)
    elif outcomes == {True}:
        yield page.problem(loc, "always-true", "это условие выполняется всегда", ALWAYS_FIX, level="warning")


def _outcomes(condition: Condition, flow: Flow) -> set[bool]:
    """What the condition may come to; empty if that cannot be told."""
    if any(_between_names(node) for node in ast.walk(condition.tree)):
        return set()
    names, facts = sorted(condition.names), kinds(flow)
    tried: list[list[Value | None]] = []
    size = 1
    for name in names:
        constants = [constant for one, _, constant in comparisons(condition) if one == name]
        step = flow.by_id.get(name)
        found = _of_step(step, constants) if step else _of_fact(facts.get(name), constants)
        if found is None:
            return set()
        size *= len(found)
        tried.append(found)
    if size > MOST_TRIES:
        return set()
    outcomes = set()
    for values in product(*tried):
        given = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        outcomes.add(condition.holds(given))
        if len(outcomes) == 2:
            break
    return outcomes


def _between_names(node: ast.AST) -> bool:
    """One name compared with another, or with a comparison: too much to try."""
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    bare = [one for one in sides if isinstance(one, ast.Name) and one.id.lower() not in ("true", "false")]
    return len(bare) > 1 or any(isinstance(one, ast.Compare | ast.BoolOp) for one in sides)


def _of_step(step: Step, constants: Sequence[Constant]) -> list[Value | None] | None:
    """Answers worth trying, none given among them; None for a kind of question that is not known here."""
    if step.choices and not step.answer:
        return [None, *(choice.meaning for choice in step.choices if not choice.do)]
    if step.answer is None or step.choices:
        return None
    if step.answer.type in _TEXTS:
        texts = _texts(constants)
        return None if texts is None else [None, *texts]
    if step.answer.type != "number":
        return None
    least, most = (one if isinstance(one, int) else None for one in (step.answer.least, step.answer.most))
    return [None, *_numbers(constants, least, most)]


def _of_fact(kind: Kind | None, constants: Sequence[Constant]) -> list[Value | None] | None:
    if kind is None:
        return None
    if kind.yes_no:
        return [True, False]
    if kind.bounds:
        return [*_numbers(constants, *kind.bounds)]
    words = kind.words or _texts(constants)
    return None if words is None else [*words]


def _numbers(constants: Sequence[Constant], least: int | None, most: int | None) -> list[int]:
    """On both sides of every number that is compared with, within the bounds."""
    turns = {bound for bound in (least, most) if bound is not None} or {0}
    for constant in constants:
        try:
            whole = int(float(constant))
        except (ValueError, OverflowError):
            continue
        turns |= {whole - 1, whole, whole + 1}
    return sorted(one for one in turns if (least is None or one >= least) and (most is None or one <= most))


def _texts(constants: Sequence[Constant]) -> list[str] | None:
    """Every set of the texts in one, what comes before and after each, and something else; None: too many."""
    known = [str(constant) for constant in dict.fromkeys(constants)]
    if len(known) > MOST_TEXTS:
        return None
    together = (" ".join(some) for size in range(len(known) + 1) for some in combinations(known, size))
    numbers = map(str, _numbers(constants, None, None))
    return [*dict.fromkeys([*together, "\x01", *(f"{one}\uffff" for one in known), *numbers])]

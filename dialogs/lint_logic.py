"""A condition as a whole: ``a == 1 and a == 2`` never holds, ``hour < 24`` always does.

Every name is tried with the values at which some comparison turns, so nothing is guessed: what holds for none of them
holds for nobody.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import combinations, product

from dialogs.conditions import Condition, Constant, comparisons
from dialogs.conversation import Value
from dialogs.flow import Flow, Step
from dialogs.lint_answered import Answered
from dialogs.lint_facts import Kind, kinds
from dialogs.pages import Page
from dialogs.problems import Problem
from dialogs.ratings import scale
from dialogs.several import offered
from dialogs.yaml_tree import Loc

MOST_TRIES, MOST_TEXTS, MOST_TICKS = 3000, 5, 8
NEVER_FIX = "Поправьте сравнение: таких ответов здесь не бывает."
BOTH_FIX = "Проверьте and и or: одно и то же не бывает сразу двумя разными значениями."
ALWAYS_FIX = "Уберите if или поправьте сравнение."
_TEXTS = ("text", "name", "phone", "email", "city")


def as_a_whole(page: Page, loc: Loc, condition: Condition, step: Step | None, answered: Answered) -> Iterator[Problem]:
    """A condition whose parts are sound, and which yet can never hold, or cannot fail. ``step``: it stands there."""
    said = verdict(condition, answered.graph.flow, lambda name: answered.before(name, loc, step))
    if said is False:
        fix = BOTH_FIX if any(isinstance(node, ast.BoolOp) for node in ast.walk(condition.tree)) else NEVER_FIX
        yield page.problem(loc, "impossible-condition", "это условие никогда не выполнится", fix)
    elif said:
        yield page.problem(loc, "always-true", "это условие выполняется всегда", ALWAYS_FIX, level="warning")


def verdict(condition: Condition, flow: Flow, answered: Callable[[str], bool]) -> bool | None:
    """What the condition always comes to; None if that depends, or cannot be told. ``answered``: is there always an
    answer to this question? It is dear to know, and asked only where all turns on it."""
    if len(_outcomes(condition, flow, condition.names)) != 1:
        return None
    outcomes = _outcomes(condition, flow, {name for name in condition.names if answered(name)})
    return outcomes.pop() if len(outcomes) == 1 else None


def _outcomes(condition: Condition, flow: Flow, sure: Collection[str]) -> set[bool]:
    """What the condition may come to, when the ``sure`` names have a value; empty if that cannot be told."""
    if any(_between_names(node) for node in ast.walk(condition.tree)):
        return set()
    names, facts, compared = sorted(condition.names), kinds(flow), list(comparisons(condition))
    tried: list[list[Value | None]] = []
    size = 1
    for name in names:
        constants = [constant for one, _, constant in compared if one == name]
        step = flow.by_id.get(name)
        found = _of_step(step, constants) if step else _of_fact(facts.get(name), constants)
        if found is None:
            return set()
        if name in sure:
            found = [value for value in found if value is not None]
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
    """Answers worth trying, the likeliest to hold first, none given last; None for a kind that is not known here."""
    if step.choices and not step.answer:
        meant = sorted((one.meaning for one in step.choices if not one.do), key=lambda one: one not in constants)
        return [*meant, None]
    if step.answer and step.answer.type == "several":
        return _ticked(step)
    if step.answer is None or step.choices:
        return None
    if step.answer.type in _TEXTS:
        texts = _texts(constants)
        return None if texts is None else [*texts, None]
    if step.answer.type == "yes_no":
        return [True, False, None]
    if step.answer.type == "rating":
        return [*_numbers(constants, *scale(step.answer)), None]
    if step.answer.type != "number":
        return None
    least, most = (one if isinstance(one, int) else None for one in (step.answer.least, step.answer.most))
    return [*_numbers(constants, least, most), None]


def _ticked(step: Step) -> list[Value | None] | None:
    """Every way to tick the buttons, the fewest last; None: too many."""
    assert step.answer is not None
    meanings = [one.meaning for one in offered(step.choices)]
    least, most = (one if isinstance(one, int) else None for one in (step.answer.least, step.answer.most))
    if len(meanings) > MOST_TICKS:
        return None
    sizes = range(min(len(meanings), most or len(meanings)), (least or 0) - 1, -1)
    return [*(some for size in sizes for some in combinations(meanings, size)), None]


def _of_fact(kind: Kind | None, constants: Sequence[Constant]) -> list[Value | None] | None:
    if kind is None:
        return None
    if kind.yes_no:
        return [True, False]
    if kind.bounds:
        return [*_numbers(constants, *kind.bounds)]
    if len(kind.words) == 1:
        return None  # a variant that is alone: that is told itself
    words = kind.words or _texts(constants)
    return None if words is None else [*words]


def _numbers(constants: Sequence[Constant], least: int | None, most: int | None) -> list[int]:
    """On both sides of every number that is compared with, within the bounds."""
    turns: list[int] = []
    for constant in constants:
        with contextlib.suppress(ValueError, OverflowError):
            whole = int(float(constant))
            turns += [whole, whole + 1, whole - 1]
    turns += [bound for bound in (least, most) if bound is not None] or [0]
    within = (one for one in turns if (least is None or one >= least) and (most is None or one <= most))
    return [*dict.fromkeys(within)]


def _texts(constants: Sequence[Constant]) -> list[str] | None:
    """Every set of the texts in one, what comes before and after each, and something else; None: too many."""
    known = [str(constant) for constant in dict.fromkeys(constants)]
    if len(known) > MOST_TEXTS:
        return None
    together = (" ".join(some) for size in range(len(known), -1, -1) for some in combinations(known, size))
    numbers = map(str, _numbers(constants, None, None))
    return [*dict.fromkeys([*together, "\x01", *(f"{one}\uffff" for one in known), *numbers])]

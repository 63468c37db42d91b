"""Conditions of branches, scores and dates: they name questions that were asked, and can come true."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dialogs.conditions import Condition, ConditionError, comparisons, looked_for, looked_into, parse
from dialogs.flow import Flow, Step
from dialogs.flow_conditions import conditions
from dialogs.lint_answered import Answered
from dialogs.lint_facts import beyond, kinds, never_so
from dialogs.lint_logic import as_a_whole
from dialogs.lint_values import KINDS, found_in_several, out_of_kind
from dialogs.pages import Draft, Page
from dialogs.paths import Graph
from dialogs.problems import Problem, nearest
from dialogs.yaml_tree import Loc, Scalar

_EXACT = ("==", "!=", "in", "not in")


def lint_conditions(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        graph = Graph(flow)
        answered = Answered(graph)
        for loc, text, step in conditions(flow):
            try:
                condition = parse(text)
            except ConditionError as wrong:
                yield _unread(page, loc, wrong)
                continue
            parts = [*_names(page, loc, condition, step, graph), *_never(page, loc, condition, graph)]
            parts = parts or [*_one_word(page, loc, condition, graph)]
            yield from parts or as_a_whole(page, loc, condition, step, answered)


def _unread(page: Page, loc: Loc, wrong: ConditionError) -> Problem:
    """The column within the condition is the column within the file, when it stands on one line."""
    node = page.node(loc)
    line, column = node.line, node.column
    if isinstance(node, Scalar) and node.style not in ("|", ">"):
        column += wrong.column - 1 + (1 if node.style else 0)
    message, _, fix = wrong.message.partition("; ")
    return page.mark(line, column, "condition", message, f"{fix[:1].upper()}{fix[1:]}." if fix else "")


def _names(page: Page, loc: Loc, condition: Condition, step: Step | None, graph: Graph) -> Iterator[Problem]:
    asked, facts = {one.id for one in graph.flow.every_step if one.answer or one.choices}, kinds(graph.flow)
    for name in sorted(condition.names):
        if name == "score" and name not in asked and "score" in loc:
            message = "баллы не могут зависеть от самих баллов"
            yield page.problem(loc, "condition-name", message, "Назовите ответ: score здесь ещё не посчитан.", at=name)
        elif name not in asked and name not in facts:
            message = f"вопроса «{name}» в сценарии нет"
            fix = _not_asked(name, asked, graph.flow)
            yield page.problem(loc, "condition-name", message, fix, at=name)
        elif name in asked and step and name != step.id and graph.too_early(name, step.id):
            message = f"«{name}» здесь ещё не спрошено"
            yield page.problem(loc, "name-too-early", message, "Переставьте шаги или уберите условие.", at=name)


def _not_asked(name: str, asked: set[str], flow: Flow) -> str:
    if name in flow.by_id:
        return "Такой шаг есть, но он ничего не спрашивает: условие смотрит на ответы."
    near = nearest(name, {*asked, *kinds(flow)})
    values = {str(choice.meaning) for step in flow.every_step for choice in step.choices}
    value = get_close_matches(name, values, n=1)
    if value and not near.startswith("Возможно"):
        return f'Если это ответ, возьмите его в кавычки: "{value[0]}".'
    return near or "Условие смотрит на ответы: назовите шаг с answer или choices."


def _never(page: Page, loc: Loc, condition: Condition, graph: Graph) -> Iterator[Problem]:
    """Comparisons that can never hold, or always do: a misspelt value, a number out of bounds."""
    facts, found = kinds(graph.flow), set(looked_for(condition))
    for name, sign, constant in comparisons(condition):
        if name in graph.index:
            step = graph.flow.every_step[graph.index[name]]
            asks = bool(step.answer or step.choices)  # else it is told already
            fix = _out_of_reach(step, sign, constant) if asks else None
            if fix is None and (name, constant) in found:
                fix = found_in_several(step, sign, constant)
        else:
            fix = never_so(name, facts[name], sign, constant) if name in facts else None
        if fix is not None:
            written = f'"{constant}"' if isinstance(constant, str) else str(constant)
            message = (
                f"у «{name}» не бывает значения {written}" if sign in _EXACT else f"«{name} {sign} {written}» не бывает"
            )
            yield page.problem(loc, "impossible-condition", message, fix, at=str(constant))


def _one_word(page: Page, loc: Loc, condition: Condition, graph: Graph) -> Iterator[Problem]:
    """``"sea" in where`` of one chosen button: a part of a word would do as well, and nobody means that."""
    facts = kinds(graph.flow)
    for name, sign, constant in looked_into(condition):
        step = graph.flow.by_id.get(name)
        chosen = step is not None and bool(step.choices) and not step.answer
        if chosen or (step is None and facts[name].words):
            message = f"у «{name}» значение одно, искать в нём нечего"
            written = f'"{constant}"' if isinstance(constant, str) else str(constant)
            better = f"{name} {'==' if sign == 'in' else '!='} {written}"
            yield page.problem(loc, "impossible-condition", message, f"Напишите {better}.", at=str(constant))


def _out_of_reach(step: Step, sign: str, constant: object) -> str | None:
    """The way out, if no answer of the step can be compared so; None if some can."""
    if (fix := out_of_kind(step, sign, constant)) is not None:
        return fix
    if step.answer and step.answer.type in KINDS:
        return None
    if step.choices and not step.answer:
        return _no_such_choice(step, sign, constant)
    if step.answer and step.answer.type == "number":
        if isinstance(constant, str) and not constant.strip().lstrip("-").replace(".", "", 1).isdecimal():
            return "Это вопрос с числом: сравните с числом без кавычек."
        return _out_of_bounds(step, sign, float(constant)) if isinstance(constant, (int, float, str)) else None
    if sign not in _EXACT and not isinstance(constant, str):
        return "Здесь отвечают словами: больше и меньше бывает только у чисел."
    return None


def _no_such_choice(step: Step, sign: str, constant: object) -> str | None:
    meanings = [choice.meaning for choice in step.choices if not choice.do]
    if sign in _EXACT:
        known = {str(one).casefold() for one in meanings}
        return (
            None
            if str(constant).casefold() in known
            else nearest(str(constant), map(str, meanings)) or "Дайте кнопкам value."
        )
    if any(isinstance(one, int) or str(one).lstrip("-").isdecimal() for one in meanings):
        return None
    return "Кнопки здесь — слова: больше и меньше бывает только у чисел."


def _out_of_bounds(step: Step, sign: str, constant: float) -> str | None:
    assert step.answer is not None
    return beyond(step.answer.least, step.answer.most, sign, constant)

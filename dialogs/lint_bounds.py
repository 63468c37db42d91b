"""The bounds of an answer: of a kind that fits its type, and not the wrong way round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dialogs import bounds
from dialogs.flow import AnswerSpec, Step
from dialogs.pages import Page
from dialogs.problems import Problem
from dialogs.ratings import HIGHEST, scale
from dialogs.several import offered
from dialogs.yaml_tree import Loc

_COUNTED = frozenset({"number", "rating", "several"})
_DATED = frozenset({"date", "time"})
_SOME_DAY = date(2024, 5, 15)
"""Spans from today are compared as from this day; dates that are written out are not compared with them."""


def lint_bounds(page: Page, step: Step, spec: AnswerSpec, loc: Loc) -> Iterator[Problem]:
    """All rules on ``from``, ``to``, ``unit`` and ``within`` of one answer; ``loc`` is the answer's."""
    yield from _kinds(page, spec, loc)
    if spec.within and spec.type != "time":
        message = "«within» бывает только у дня с часом"
        fix = "Уберите или поставьте type: time; call_time и так держится рабочих часов."
        yield page.problem((*loc, "within"), "within-without-time", message, fix, on_key=True)
    if spec.type == "several":
        yield from _several(page, step, spec, loc)
    if spec.type == "rating" and not 0 <= scale(spec)[0] < scale(spec)[1] <= HIGHEST:
        message = f"оценка от {scale(spec)[0]} до {scale(spec)[1]} не годится"
        fix = f"Оценка — от 0 до {HIGHEST}, и to больше from; без них — от 1 до 5."
        yield page.problem(loc, "empty-range", message, fix)
    elif isinstance(spec.least, int) and isinstance(spec.most, int) and spec.least > spec.most:
        message = f"от {spec.least} до {spec.most} — такого числа нет"
        yield page.problem((*loc, "from"), "empty-range", message, "Поменяйте from и to местами.")
    elif spec.type in _DATED and _turned(spec):
        message = f"с {spec.least} по {spec.most} — такого дня нет"
        yield page.problem((*loc, "from"), "empty-range", message, "Поменяйте from и to местами.")


def _kinds(page: Page, spec: AnswerSpec, loc: Loc) -> Iterator[Problem]:
    written = [(key, bound) for key, bound in (("from", spec.least), ("to", spec.most)) if page.has((*loc, key))]
    for key, bound in written:
        if spec.type not in _COUNTED | _DATED:
            message = f"«{key}» бывает только у числа, дня, оценки и нескольких кнопок"
            fix = "Уберите или поставьте type: number."
        elif spec.type in _DATED and not bounds.is_of_days(bound):
            message, fix = f"граница дня не может быть «{bound}»", 'Напишите today, дату "2027-06-30" или срок: 1 year.'
        elif spec.type == "number" and not bounds.is_of_numbers(bound):
            message, fix = f"граница числа не может быть «{bound}»", "Напишите число или this_year (текущий год)."
        elif spec.type in _COUNTED and spec.type != "number" and not isinstance(bound, int):
            message, fix = f"граница здесь — число, а не «{bound}»", "Напишите число."
        else:
            continue
        yield page.problem((*loc, key), "bounds-without-number", message, fix, on_key=True)
        return
    if page.has((*loc, "unit")) and spec.type != "number":
        message = "«unit» бывает только у числа"
        yield page.problem(
            (*loc, "unit"), "bounds-without-number", message, "Уберите или поставьте type: number.", on_key=True
        )


def _turned(spec: AnswerSpec) -> bool:
    """Can no day be within? Known only where both ends are written alike."""
    ends = (spec.least, spec.most)
    written = [isinstance(end, str) and len(end) == 10 and end[:4].isdigit() for end in ends]
    least, most = (bounds.day(end, _SOME_DAY) for end in ends)
    return all(written) == any(written) and least is not None and most is not None and least > most


def _several(page: Page, step: Step, spec: AnswerSpec, loc: Loc) -> Iterator[Problem]:
    number = len(offered(step.choices))
    if not number:
        message = "выбирать не из чего: у вопроса нет кнопок с ответами"
        fix = "Добавьте choices: label каждой — ответ."
        yield page.problem(loc, "several-without-choices", message, fix)
        return
    for key, bound in (("from", spec.least), ("to", spec.most)):
        if isinstance(bound, int) and not (0 if key == "from" else 1) <= bound <= number:
            message = f"кнопок {number}, а «{key}» — {bound}"
            yield page.problem((*loc, key), "empty-range", message, f"Напишите число от 1 до {number}.")
            return
    for index, choice in enumerate(step.choices):
        if choice.go:
            message = "кнопка из нескольких никуда не ведёт: выбрать могут и другие"
            branch = f"if: '\"{choice.meaning}\" in {step.id}'"
            fix = f"Уберите go у кнопки, а в go шага поставьте ветку с {branch}."
            yield page.problem(
                (*loc[:-1], "choices", index, "go"), "choice-of-several-leads", message, fix, on_key=True
            )

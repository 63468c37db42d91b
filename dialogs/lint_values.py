"""Whether an answer can be compared so: what answers of each kind look like in a condition."""

from __future__ import annotations

import re
from collections.abc import Callable

from dialogs.flow import Step
from dialogs.problems import nearest
from dialogs.ratings import scale
from dialogs.several import offered

EXACT = ("==", "!=", "in", "not in")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}.*)?")


def out_of_kind(step: Step, sign: str, constant: object) -> str | None:
    """The way out, if no answer of this kind can be compared so; None if some can, or the kind has no rule here."""
    kind = step.answer.type if step.answer else ""
    rule = _RULES.get(kind)
    others = {str(choice.meaning).casefold() for choice in step.choices if not choice.do and kind != "several"}
    return None if rule is None or str(constant).casefold() in others else rule(step, sign, constant)


def _yes_no(step: Step, sign: str, constant: object) -> str | None:
    return None if isinstance(constant, bool) else f"Ответ — да или нет: напишите просто {step.id} или not {step.id}."


def _several(step: Step, sign: str, constant: object) -> str | None:
    known = [str(one.meaning) for one in offered(step.choices)]
    if str(constant).casefold() not in {one.casefold() for one in known}:
        return nearest(str(constant), known) or "Дайте кнопкам value."
    return None if sign in ("in", "not in") else f'Выбрать могут несколько: напишите "{constant}" in {step.id}.'


def found_in_several(step: Step, sign: str, constant: object) -> str | None:
    """The way out for ``rest in ("sea",)``, where the ticked buttons are several: it is the button that is in them."""
    if step.answer is None or step.answer.type != "several":
        return None
    if sign == "not in":
        return f'Выбрать могут несколько: напишите "{constant}" not in {step.id}.'
    return f'Выбрать могут несколько: напишите "{constant}" in {step.id}.'


def _rating(step: Step, sign: str, constant: object) -> str | None:
    assert step.answer is not None
    least, most = scale(step.answer)
    number = _number(constant)
    if number is None:
        return "Оценка — это число: сравните с числом без кавычек."
    above = sign not in ("<", "<=", "!=") and (number > most or (sign == ">" and number >= most))
    below = sign not in (">", ">=", "!=") and (number < least or (sign == "<" and number <= least))
    return f"Оценка здесь — от {least} до {most}." if above or below else None


def _number(constant: object) -> float | None:
    try:
        return None if isinstance(constant, bool) else float(str(constant))
    except ValueError:
        return None


def _dated(form: re.Pattern[str], example: str) -> Callable[[Step, str, object], str | None]:
    def rule(step: Step, sign: str, constant: object) -> str | None:
        return None if isinstance(constant, str) and form.fullmatch(constant) else f'Напишите день так: "{example}".'

    return rule


def _call_time(step: Step, sign: str, constant: object) -> str | None:
    if constant in ("now", "any") or (isinstance(constant, str) and _MOMENT.fullmatch(constant)):
        return None
    return 'Время звонка — "now" (сейчас), "any" (любое) или день: "2026-12-15".'


_RULES: dict[str, Callable[[Step, str, object], str | None]] = {
    "yes_no": _yes_no,
    "several": _several,
    "rating": _rating,
    "date": _dated(_DAY, "2026-12-15"),
    "time": _dated(_MOMENT, "2026-12-15"),
    "call_time": _call_time,
}
KINDS = frozenset(_RULES)

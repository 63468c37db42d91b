"""What the bot says without being asked, after a silence or by a date: each rule does something, at its own time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.flow import DATED, DatedRule, Flow, SilenceRule
from dialogs.pages import Draft, Page
from dialogs.problems import Problem, nearest
from dialogs.rules import texts_of
from dialogs.yaml_tree import Loc

_STOP = re.compile(r"\bстоп\b|отпис", re.I)


def lint_unasked(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        for loc, step, rules in flow.silences:
            if step and not step.waits:
                message = "на этом шаге никто не ждёт ответа: молчать здесь нельзя"
                fix = "Перенесите silence к вопросу или уберите."
                yield page.problem(loc, "silence-without-question", message, fix, on_key=True)
            yield from _silence(flow, page, loc, rules)
        yield from _dates(flow, page)


def unasked(flow: Flow) -> Iterator[tuple[Loc, SilenceRule | DatedRule, str | None]]:
    """Every rule by which the bot writes first: its place, itself, and the step whose it is (None: the flow's)."""
    for loc, step, rules in flow.silences:
        for index, rule in enumerate(rules):
            yield (*loc, index), rule, step.id if step else None
    for index, dated in enumerate(flow.dates):
        yield ("dates", index), dated, None


def _silence(flow: Flow, page: Page, base: Loc, rules: tuple[SilenceRule, ...]) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        loc: Loc = (*base, index)
        if index and rule.after <= rules[index - 1].after:
            message = "правила молчания идут по возрастанию, а это не позже предыдущего"
            yield page.problem(
                (*loc, "after"), "silence-order", message, "Поставьте больший срок или поменяйте местами."
            )
        if not rule.say and not rule.mark:
            yield page.problem(
                (*loc, "after"), "empty-rule", "правило ничего не делает", "Добавьте say или mark: cold."
            )
        if rule.mark and index + 1 < len(rules):
            message = "после mark: cold лид остыл, и правила ниже не сработают"
            yield page.problem((*loc, "mark"), "mark-not-last", message, "Поставьте это правило последним.")
        yield from _kind(flow, page, loc, rule)


def _kind(flow: Flow, page: Page, loc: Loc, rule: SilenceRule | DatedRule) -> Iterator[Problem]:
    if rule.kind == "advertising" and not any(step.consent == "advertising" for step in flow.every_step):
        message = "реклама без согласия на неё: это сообщение никому не уйдёт"
        fix = "Добавьте шаг с «consent: advertising»; после заявки он поможет лишь с теми, кто придёт снова."
        yield page.problem((*loc, "kind"), "advertising-without-consent", message, fix)
    if rule.kind == "advertising" and any(not _STOP.search(text) for text in texts_of(rule.say)):
        message = "в рекламе не сказано, как от неё отказаться: бот допишет строку сам, но ваша будет лучше"
        fix = "Допишите, например: «Не хотите таких сообщений — напишите «стоп»»."
        yield page.problem((*loc, "say"), "advertising-without-stop", message, fix, level="warning")


def _dates(flow: Flow, page: Page) -> Iterator[Problem]:
    dated = [step.id for step in flow.every_step if step.answer and step.answer.type in DATED]
    for index, rule in enumerate(flow.dates):
        loc: Loc = ("dates", index)
        if rule.of not in dated:
            message = f"«{rule.of}» — не вопрос о дате: напоминать не о чем"
            fix = nearest(rule.of, dated) or "Назовите шаг с answer: date или time."
            yield page.problem((*loc, "of"), "date-of-nothing", message, fix)
        if (rule.before is None) == (rule.after is None):
            message = "нужно одно из двух: before (до даты) или after (после неё)"
            yield page.problem((*loc, "of"), "before-or-after", message, "Например: before: 1 day.")
        steps = [step.id for step in flow.steps]
        if rule.go and rule.go not in steps:
            message = f"шага «{rule.go}» в этом сценарии нет"
            yield page.problem((*loc, "go"), "jump-to-nowhere", message, nearest(rule.go, steps))
        yield from _kind(flow, page, loc, rule)

"""Texts chosen by a condition always leave something to say where a person waits; variants are real choices."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from dialogs.flow import Flow
from dialogs.flow_conditions import SPOKEN
from dialogs.lint_steps import RESERVED
from dialogs.lint_unasked import unasked
from dialogs.pages import Draft, Page
from dialogs.problems import Problem
from dialogs.rules import Text
from dialogs.yaml_tree import Loc


def lint_variants(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        for place, step in zip(flow.places, flow.every_step, strict=True):
            for key, text in zip(SPOKEN, (step.say, step.ask, step.hint), strict=True):
                needed = key == "ask" or (key == "say" and bool(step.choices or step.answer or step.application))
                yield from _otherwise(page, (*place, key), text, needed=needed)
        for place, rule, _ in unasked(flow):
            yield from _otherwise(page, (*place, "say"), rule.say, needed=False)
        yield from _variants(flow, page)


def _otherwise(page: Page, loc: Loc, text: Text | None, *, needed: bool) -> Iterator[Problem]:
    if not isinstance(text, tuple):
        return
    for number, rule in enumerate(text[:-1]):
        if rule.condition is None:
            message = "тексты ниже этого никогда не прозвучат: у него нет if"
            yield page.problem((*loc, number), "text-after-otherwise", message, "Поставьте его последним.")
            return
    if needed and text[-1].condition is not None:
        message = "если ни одно условие не выполнится, сказать будет нечего"
        fix = "Добавьте последним текст без if: он прозвучит, если другие не подошли."
        yield page.problem(loc, "text-without-otherwise", message, fix, on_key=True)


def _variants(flow: Flow, page: Page) -> Iterator[Problem]:
    for name, weights in flow.variants.items():
        loc: Loc = ("variants", name)
        if name in RESERVED or keyword.iskeyword(name) or name in flow.by_id:
            message = f"имя «{name}» занято: оно значит другое в условиях"
            yield page.problem(loc, "reserved-name", message, f"Назовите иначе, например {name}_test.", on_key=True)
        if len(weights) < 2:
            message = f"у «{name}» один вариант: выбирать не из чего"
            yield page.problem(loc, "variant-alone", message, "Добавьте второй: например {a: 50, b: 50}.", on_key=True)
        if name not in flow.named:
            message = f"вариант «{name}» ни на что не влияет: его нет ни в одном условии"
            fix = f'Добавьте условие, например if: {name} == "{next(iter(weights))}".'
            yield page.problem(loc, "variant-unused", message, fix, level="warning", on_key=True)

"""What people will read: names in {{ }} that exist, and text that survives YAML (A9, A12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dialogs.business import Business
from dialogs.flow import Flow
from dialogs.flow_conditions import SPOKEN
from dialogs.lint_unasked import unasked
from dialogs.pages import Draft, Page
from dialogs.paths import Graph
from dialogs.problems import Problem
from dialogs.rules import Text
from dialogs.texts import check, names_in
from dialogs.values import NAMED, OF_OFFER
from dialogs.yaml_tree import Loc, Scalar, walk

GENERAL = tuple(NAMED)
PROSE = frozenset({*SPOKEN, "text", "conditions", "answer"})
LONGEST_IN_LINE = 80  # letters of prose that may stand beside its key

_TOLD = re.compile(r"^строка (\d+): (.*)$", re.S)


def lint_texts(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        yield from _templates(flow, page)
    if draft.business and draft.business_page and draft.business_page in draft.pages:
        yield from _answers(draft.business, draft.business_page)
    for page in draft.pages:
        yield from _outside_block(page)


def texts(flow: Flow) -> Iterator[tuple[Loc, str, str | None]]:
    """Every text with values in it: its place, itself, and the step that says it (None: of no step)."""
    for place, step in zip(flow.places, flow.every_step, strict=True):
        for key, text in (("say", step.say), ("ask", step.ask)):
            yield from ((loc, one, step.id) for loc, one in spoken((*place, key), text))
    for place, rule, step_id in unasked(flow):
        yield from ((loc, one, step_id) for loc, one in spoken((*place, "say"), rule.say))
    for index, question in enumerate(flow.questions):
        yield from ((loc, one, None) for loc, one in spoken(("questions", index, "answer"), question.answer))


def spoken(loc: Loc, text: Text | None) -> Iterator[tuple[Loc, str]]:
    """Everything that may be said here, each with its place."""
    if isinstance(text, tuple):
        yield from (((*loc, number, "text"), one.text) for number, one in enumerate(text) if one.text)
    elif text:
        yield loc, text


def _says(loc: Loc) -> bool:
    """Do people read what stands here with its values put in?"""
    key = loc[-3] if len(loc) > 2 and loc[-1] == "text" else loc[-1]
    return key in ("say", "ask") or loc[0] == "questions"


@lru_cache(maxsize=4096)
def names_used(text: str) -> frozenset[str]:
    """The names in the text's {{ }}."""
    return names_in(text) if "{" in text else frozenset()


def names_of(flow: Flow) -> set[str]:
    """Everything that a text of this flow may name."""
    names = {*GENERAL, *(f"offers.{offer}.{part}" for offer in flow.offers for part in OF_OFFER)}
    names |= {step.id for step in flow.every_step if step.answer or step.choices}
    if any(offer.kind == "promo_code" for offer in flow.offers.values()):
        names |= {"code", "code.until"}
    return names


# ---------------------------------------------------------------- names in {{ }}


def _answers(business: Business, page: Page) -> Iterator[Problem]:
    """Answers for all flows know what is known everywhere."""
    for number, question in enumerate(business.questions):
        for told in check(question.answer, GENERAL) if "{" in question.answer else ():
            yield _told(page, ("questions", number, "answer"), told)


def _templates(flow: Flow, page: Page) -> Iterator[Problem]:
    names, graph = names_of(flow), Graph(flow)
    issuing = {step.id for step in flow.every_step if step.application}
    for loc, text, step in texts(flow):
        for told in check(text, names) if "{" in text else ():
            yield _told(page, loc, told)
        for name in sorted(names_used(text) & names):
            if step and name in graph.index and graph.too_early(name, step):
                message = f"«{name}» здесь ещё не спрошено: этот шаг идёт раньше вопроса"
                yield page.problem(loc, "name-too-early", message, "Уберите имя или переставьте шаги.", at=name)
            code_known = step is None or step in issuing or any(not graph.too_early(one, step) for one in issuing)
            if name.split(".")[0] == "code" and not code_known:
                message = "промокода здесь ещё нет: он выдаётся на шаге с application"
                yield page.problem(loc, "name-too-early", message, "Покажите его на том шаге или позже.", at=name)
    for loc, node in walk(page.tree):
        if isinstance(node, Scalar) and "{{" in node.text and not _says(loc):
            message = "значения в {{ }} подставляются в say, ask и ответы на частые вопросы; здесь люди увидят скобки"
            yield page.problem(loc, "template-not-here", message, "Напишите текст целиком.", at="{{")


def _told(page: Page, loc: Loc, told: str) -> Problem:
    """A complaint of ``dialogs.texts`` («строка 2: имени «nmae» нет. Возможно, …») put on its line."""
    found = _TOLD.match(told)
    within, told = (int(found[1]), found[2]) if found else (1, told)
    message, _, fix = told.partition(". ")
    name = re.search(r"«([^»]+)»", message)
    node = page.node(loc)
    line, column = node.line, node.column
    if isinstance(node, Scalar):
        line = node.line + (within if node.style in ("|", ">") else 0)
        written = page.lines[line - 1] if line <= len(page.lines) else ""
        spot = re.search(r"\{[{%#]?[^}]*?" + re.escape(name[1]), written) if name else None
        column = spot.end() - len(name[1]) + 1 if spot and name else _opened(written)
    return page.mark(line, column, "template", message, fix or "Образцы — в docs/flows.ru.md.")


def _opened(line: str) -> int:
    """The column of the first bracket that is not closed, or of the first one."""
    found = re.search(r"\{\{(?![^{}]*\}\})", line) or re.search(r"\{", line)
    return found.start() + 1 if found else 1


# ---------------------------------------------------------------- what YAML does to prose


def _outside_block(page: Page) -> Iterator[Problem]:
    """Prose without «|» loses everything after « #» and its line breaks, silently; the next sign may break it."""
    for loc, node in walk(page.tree):
        if not isinstance(node, Scalar) or not node.text or node.style in ("|", ">"):
            continue
        prose = bool(loc) and loc[-1] in PROSE
        if node.style is None and isinstance(node.value, str):
            last = page.lines[node.last_line - 1] if node.last_line <= len(page.lines) else ""
            if hidden := re.search(r"\s#" if prose else r"\s#[^\s#]", last):
                message = f"всё после «#» YAML считает примечанием: людям уйдёт «{node.text[-30:]}»"
                fix = (
                    "Если это текст, начните его с «|» на следующей строке; если примечание — перенесите строкой выше."
                )
                yield page.mark(node.last_line, hidden.start() + 2, "prose-outside-block", message, fix, "warning")
                continue
        if prose and (told := _loose(node)):
            fix = "Поставьте «|» после двоеточия и начните текст со следующей строки."
            message, at = told
            yield page.problem(loc, "prose-outside-block", message, fix, level="warning", at=at)


def _loose(node: Scalar) -> tuple[str, str] | None:
    """What is or soon will be wrong with a text beside its key, and the part of it to point at."""
    if node.last_line > node.line:
        return "текст в несколько строк без «|» склеится в одну", ""
    if node.style is None and "{{" in node.text:
        return "«{{» в тексте без «|»: стоит поставить его в начало, и файл не прочитается", "{{"
    if node.style is None and len(node.text) > LONGEST_IN_LINE:
        return f"длинный текст без «|»: первое же двоеточие или «#» его испортит ({len(node.text)} знаков)", ""
    return None

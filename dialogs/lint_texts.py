"""What people will read: names in {{ }} that exist, text that survives YAML, and common courtesy (A9, A12, C61)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dialogs.flow import Flow
from dialogs.flow_conditions import SPOKEN
from dialogs.pages import Draft, Page
from dialogs.paths import Graph
from dialogs.problems import Problem
from dialogs.rules import Text
from dialogs.texts import check, names_in
from dialogs.yaml_tree import Loc, Scalar, walk

GENERAL = ("company", "policy", "promise", "managers", "steps_left")
OF_OFFER = ("left", "title", "conditions", "price", "until")
PROSE = frozenset({*SPOKEN, "text", "conditions"})

_GREETING = re.compile(r"здравствуйте|добр(ый|ое|ой) (день|утро|вечер|ночи)|приветству|привет|рады видеть", re.I)
_THANKS = re.compile(r"спасибо|благодар", re.I)
_SHOUT = re.compile(r"\b[А-ЯЁ]{4,}(?:[\s,]+[А-ЯЁ]{4,})+\b|\b[А-ЯЁ]{7,}\b|!!+|[?!]{3,}")
_THOU = re.compile(r"\b(ты|тебя|тебе|тобой|твой|твоя|твоё|твое|твои|твоего|твоей|твоих|твоим)\b", re.I)
_YOU = re.compile(r"\b(вы|вас|вам|вами|ваш|ваша|ваше|ваши|вашего|вашей|ваших|вашим)\b", re.I)
_MARKUP = re.compile(r"</?(b|i|u|s|a|br|p|code|strong|em)\b[^>]*>|\*\*\S|__\S[^_]*__|\[[^\]]+\]\(https?://", re.I)
_TOLD = re.compile(r"^строка (\d+): (.*)$", re.S)


def lint_texts(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        yield from _templates(flow, page)
        yield from _courtesy(flow, page)
    for page in draft.pages:
        yield from _outside_block(page)


def texts(flow: Flow) -> Iterator[tuple[Loc, str, str | None]]:
    """Every text with values in it: its place, itself, and the step that says it (None: a silence rule)."""
    for index, step in enumerate(flow.steps):
        for key, text in (("say", step.say), ("ask", step.ask)):
            yield from ((loc, one, step.id) for loc, one in spoken(("steps", index, key), text))
    for index, rule in enumerate(flow.silence):
        yield from ((loc, one, None) for loc, one in spoken(("silence", index, "say"), rule.say))


def spoken(loc: Loc, text: Text | None) -> Iterator[tuple[Loc, str]]:
    """Everything that may be said here, each with its place."""
    if isinstance(text, tuple):
        yield from (((*loc, number, "text"), one.text) for number, one in enumerate(text) if one.text)
    elif text:
        yield loc, text


def _says(loc: Loc) -> bool:
    """Do people read what stands here with its values put in?"""
    key = loc[-3] if len(loc) > 2 and loc[-1] == "text" else loc[-1]
    return key in ("say", "ask")


@lru_cache(maxsize=4096)
def names_used(text: str) -> frozenset[str]:
    """The names in the text's {{ }}."""
    return names_in(text) if "{" in text else frozenset()


def names_of(flow: Flow) -> set[str]:
    """Everything that a text of this flow may name."""
    names = {*GENERAL, *(f"offers.{offer}.{part}" for offer in flow.offers for part in OF_OFFER)}
    names |= {step.id for step in flow.steps if step.answer or step.choices}
    if any(offer.kind == "promo_code" for offer in flow.offers.values()):
        names |= {"code", "code.until"}
    return names


# ---------------------------------------------------------------- names in {{ }}


def _templates(flow: Flow, page: Page) -> Iterator[Problem]:
    names, graph = names_of(flow), Graph(flow)
    issuing = {step.id for step in flow.steps if step.application}
    for loc, text, step in texts(flow):
        for told in check(text, names) if "{" in text else ():
            yield _told(page, loc, told)
        for name in sorted(names_used(text) & names):
            if step and name in graph.index and not graph.precedes(name, step):
                message = f"«{name}» здесь ещё не спрошено: этот шаг идёт раньше вопроса"
                yield page.problem(loc, "name-too-early", message, "Уберите имя или переставьте шаги.", at=name)
            code_known = step is None or step in issuing or any(graph.precedes(one, step) for one in issuing)
            if name.split(".")[0] == "code" and not code_known:
                message = "промокода здесь ещё нет: он выдаётся на шаге с application"
                yield page.problem(loc, "name-too-early", message, "Покажите его на том шаге или позже.", at=name)
    for loc, node in walk(page.tree):
        if isinstance(node, Scalar) and "{{" in node.text and not _says(loc):
            message = "значения в {{ }} подставляются только в say и ask; здесь люди увидят скобки"
            yield page.problem(loc, "template-not-here", message, "Напишите текст целиком.", at="{{")


def _told(page: Page, loc: Loc, told: str) -> Problem:
    """A complaint of ``dialogs.texts`` («строка 2: имени «nmae» нет. Может быть, «name»?») put on its line."""
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
        column = spot.end() - len(name[1]) + 1 if spot and name else max(written.find("{"), 0) + 1
    return page.mark(line, column, "template", message, fix or "Образцы — в docs/flows.md.")


# ---------------------------------------------------------------- what YAML does to prose


def _outside_block(page: Page) -> Iterator[Problem]:
    """Prose without «|» loses everything after « #» and its line breaks, silently."""
    for loc, node in walk(page.tree):
        if not isinstance(node, Scalar) or node.style is not None or not node.text:
            continue
        last = page.lines[node.last_line - 1] if node.last_line <= len(page.lines) else ""
        hidden = re.search(r"\s#" if loc and loc[-1] in PROSE else r"\s#[^\s#]", last)
        if hidden and isinstance(node.value, str):
            message = f"всё после «#» YAML считает примечанием: людям уйдёт «{node.text[-30:]}»"
            fix = "Если это текст, начните его с «|» на следующей строке; если примечание — перенесите строкой выше."
            yield page.mark(node.last_line, hidden.start() + 2, "prose-outside-block", message, fix, "warning")
        elif loc and loc[-1] in PROSE and node.last_line > node.line:
            message = "текст в несколько строк без «|» склеится в одну"
            fix = "Поставьте «|» после двоеточия и начните текст со следующей строки."
            yield page.problem(loc, "prose-outside-block", message, fix, level="warning")


# ---------------------------------------------------------------- courtesy


def _courtesy(flow: Flow, page: Page) -> Iterator[Problem]:
    said = list(texts(flow))
    for loc, text, _ in said:
        if shout := _SHOUT.search(re.sub(r"\{\{.*?\}\}", "", text)):
            message = f"«{shout[0]}» звучит как крик"
            yield page.problem(
                loc, "shouting", message, "Напишите строчными и без лишних знаков.", level="warning", at=shout[0]
            )
        if markup := _MARKUP.search(text):
            message = f"«{markup[0]}» люди увидят как есть: тексты уходят без разметки"
            yield page.problem(loc, "markup", message, "Уберите разметку.", level="warning", at=markup[0])
    yield from _address(page, said)
    first, everything = flow.steps[0], " ".join(text for _, text, _ in said)
    place: Loc = ("steps", 0, "ask" if first.ask else "say" if first.say else "id")
    opening = list(spoken(place, first.text)) or [(place, "")]
    if cold := next((loc for loc, text in opening if not _GREETING.search(text)), None):
        fix = "Начните, например, со «Здравствуйте!»."
        yield page.problem(cold, "no-greeting", "первое сообщение не здоровается", fix, level="warning")
    if bare := next((loc for loc, text in opening if "policy" not in names_used(text)), None):
        message = "в первом сообщении нет ссылки на политику обработки данных"
        yield page.problem(bare, "no-policy-link", message, "Добавьте {{ policy }}.", level="warning")
    if not _THANKS.search(everything):
        message = "сценарий ни разу не говорит спасибо"
        yield page.problem(("flow",), "no-thanks", message, "Поблагодарите за заявку.", level="warning")


def _address(page: Page, said: list[tuple[Loc, str, str | None]]) -> Iterator[Problem]:
    """«ты» and «вы» do not go together; the first «ты» is shown."""
    if not any(_YOU.search(text) for _, text, _ in said):
        return
    for loc, text, _ in said:
        if thou := _THOU.search(text):
            message = f"«{thou[0]}», а в других текстах — «вы»"
            yield page.problem(
                loc,
                "mixed-address",
                message,
                "Обращайтесь везде одинаково, лучше на «вы».",
                level="warning",
                at=thou[0],
            )
            return

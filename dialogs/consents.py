"""Consent texts hold what the law asks of them (L1–L3). A simple rule, told in full, so that an author can follow it.

Each part of the law has words by which it is found; the operator's name and address stand as in ``business.yaml``.
The rule finds what was forgotten; whether the words are right is for a lawyer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.flow import Flow
from dialogs.flow_set import ConsentText
from dialogs.pages import Draft, Page
from dialogs.problems import Level, Problem, nearest
from dialogs.yaml_tree import Loc

LONGEST = 3500
PARTS = {
    "слова согласия («даю согласие», «соглашаюсь»)": r"да(ю|ёт|ет|в)\b.{0,60}согласие|соглаша|согласен на",
    "цели («Цели обработки: …»)": r"\bцел[ьияей]+\b",
    "перечень данных («Перечень данных: …»)": r"(перечень|состав|категории|какие)\W+(персональных\W+)?данн",
    "действия с данными («сбор, хранение, …»)": r"действи[яй].{0,200}(сбор|хранени|использовани)",
    "получатели («Получатели: …» или «не передаются»)": r"получател|переда[чюёе]|не передаются|третьим лицам",
    "срок («Срок: …»)": r"\bсрок|бессрочно",
    "как отозвать («Как отозвать: …»)": r"отозвать|отзыв",
}


def lint_consents(draft: Draft) -> Iterator[Problem]:
    """The files that flows refer to, and each text once, however many flows show it."""
    checked: set[tuple[str, str]] = set()
    for flow, page in draft.flows:
        for purpose, path in _paths(flow):
            loc: Loc = ("consent", purpose)
            wording = draft.consents.get(path)
            if problem := _reference(draft, page, loc, path):
                yield problem
            elif wording and (path, purpose) not in checked and not (purpose == "advertising" and _shared(flow)):
                checked.add((path, purpose))
                yield from _wording(draft, wording, purpose)
        if _shared(flow):
            message = "один текст на два согласия: реклама и обработка данных — разные документы"
            yield page.problem(("consent", "advertising"), "consent-shared", message, "Разделите их на два файла.")


def _shared(flow: Flow) -> bool:
    return flow.consent.advertising == flow.consent.personal_data


def _paths(flow: Flow) -> Iterator[tuple[str, str]]:
    yield "personal_data", flow.consent.personal_data
    if flow.consent.advertising is not None:
        yield "advertising", flow.consent.advertising


def _reference(draft: Draft, page: Page, loc: Loc, path: str) -> Problem | None:
    """A file of the flows' own folder, and nothing else (A19)."""
    if path.startswith(("/", "~")) or "\\" in path or ":" in path or ".." in path.split("/"):
        message = f"«{path}» ведёт за пределы папки сценариев"
        return page.problem(loc, "outside-folder", message, "Положите файл рядом, например consents/personal_data.md.")
    if not path.endswith(".md"):
        return page.problem(loc, "consent-file", f"«{path}» — не .md", "Текст согласия лежит в файле .md.")
    if path not in draft.consents:
        fix = nearest(path, draft.consents) or "Создайте его: образец — в поставке, consents/personal_data.md."
        return page.problem(loc, "consent-file", f"файла «{path}» нет", fix)
    return None


def _wording(draft: Draft, wording: ConsentText, purpose: str) -> Iterator[Problem]:
    text = _folded(wording.text)
    for name, message, fix in (*_operator(draft, text), *_parts(text, purpose), *_form(wording, purpose)):
        level: Level = "warning" if name == "consent-two-things" else "error"
        line, column = _place(wording.text, _AT.get(name, ""))
        excerpt = wording.text.split("\n")[line - 1]
        yield Problem(wording.path, line, column, message, fix, level, name, excerpt)


_AT = {"consent-two-things": "реклам", "template-not-here": "{{"}  # where there is something to point at


def _place(text: str, part: str) -> tuple[int, int]:
    """Line and column of the words, from 1; of the beginning, if there is nothing to point at."""
    found = re.search(re.escape(part), text, re.I)
    start = found.start() if found else 0
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


Told = Iterator[tuple[str, str, str]]


def _operator(draft: Draft, text: str) -> Told:
    if draft.business is None:
        return
    operator = draft.business.operator
    for what, value in (("имени оператора", operator.name), ("адреса оператора", operator.address)):
        if _folded(value) not in text:
            fix = f"Впишите как в business.yaml: {value}."
            yield "consent-incomplete", f"в тексте согласия нет {what}", fix


def _parts(text: str, purpose: str) -> Told:
    for part, words in PARTS.items():
        if not re.search(words, text, re.S):
            yield "consent-incomplete", f"в тексте согласия не нашлось: {part}", "Допишите эту часть."
    if purpose == "advertising" and not re.search(r"реклам|рассылк", text):
        yield "consent-incomplete", "в согласии на рекламу нет слова «реклама»", "Назовите, на что человек соглашается."


def _form(wording: ConsentText, purpose: str) -> Told:
    if len(wording.text) > LONGEST:
        message = f"текст согласия длиннее {LONGEST} знаков ({len(wording.text)}): он не уместится в одно сообщение"
        yield "consent-too-long", message, "Сократите его."
    if "{{" in wording.text:
        yield "template-not-here", "в тексте согласия ничего не подставляется", "Напишите всё словами."
    if purpose == "personal_data" and "реклам" in wording.text.casefold():
        message = "в согласии на обработку данных говорится о рекламе: это два разных согласия"
        yield "consent-two-things", message, "Перенесите рекламу в её согласие."


def _folded(text: str) -> str:
    plain = re.sub(r"[«»„“”\"']", '"', text.casefold().replace("ё", "е"))
    return " ".join(plain.split())

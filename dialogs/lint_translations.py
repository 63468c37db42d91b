"""Translations fit their flows: every text has its place there, its values, and nothing is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from dialogs.flow import Flow
from dialogs.flow_set import in_tongue
from dialogs.pages import Draft, Page
from dialogs.problems import Problem, listed, nearest
from dialogs.texts import check, names_in
from dialogs.tongues import ENGLISH
from dialogs.translation import Place, spoken

LEFT = "left-in-russian"
_RUSSIAN = re.compile(r"[а-яё]+(?:[ -][а-яё]+){0,4}", re.I)
_TOLD = re.compile(r"^строка \d+: (.*)$", re.S)


def lint_translations(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all translations."""
    flows = {flow.flow: flow for flow, _ in draft.flows}
    former: dict[tuple[str, str], str] = {}
    for one, page in draft.translations:
        first = former.setdefault((one.translation, one.language), page.path)
        if first != page.path:
            message = f"этот перевод уже есть в файле {first}"
            yield page.problem(("translation",), "translation-twice", message, "Оставьте один файл.")
        elif flow := flows.get(one.translation):
            russian = spoken(flow)
            yield from _places(page, russian, one.texts)
            yield from _values(page, russian, one.texts)
            if one.language == ENGLISH:
                yield from _left(page, russian, one.texts)
            yield from _missing(page, russian, one.texts, _consents(draft, flow, one.language))
        elif one.translation not in draft.unread:
            message = f"сценария «{one.translation}» нет"
            yield page.problem(("translation",), "unknown-place", message, nearest(one.translation, flows))


def _places(page: Page, russian: Mapping[Place, str], texts: Mapping[Place, str]) -> Iterator[Problem]:
    for place in texts:
        if place in russian:
            continue
        depth = next((at for at in range(len(place)) if not _below(russian, place[: at + 1])), len(place))
        known = _below(russian, place[:depth])
        if depth < len(place) and isinstance(place[depth], str):
            message = f"в сценарии нет «{place[depth]}», переводить нечего"
            yield page.problem(
                place[: depth + 1], "unknown-place", message, nearest(str(place[depth]), map(str, known)), on_key=True
            )
            continue
        texts_here = max(1, len(known - {None}))
        message = f"по-русски здесь текстов: {texts_here}"
        yield page.problem(place[:depth], "unknown-place", message, "Переведите столько же, по порядку.")


def _below(russian: Mapping[Place, str], place: Place) -> set[str | int | None]:
    """What stands right below the place; None: a text stands at it."""
    size = len(place)
    return {other[size] if len(other) > size else None for other in russian if other[:size] == place}


def _values(page: Page, russian: Mapping[Place, str], texts: Mapping[Place, str]) -> Iterator[Problem]:
    for place, text in texts.items():
        if place not in russian:
            continue
        names = names_in(russian[place])
        wrong = check(text, names)
        for told in wrong:
            found = _TOLD.match(told)
            message, _, fix = (found[1] if found else told).partition(". ")
            named = re.search("«([^»]*)»", message)
            fix = fix or "Посмотрите пример в docs/flows.md."
            yield page.problem(place, "template", message, fix, at=named[1] if named else "{")
        if not wrong and (lost := sorted(names - names_in(text))):
            message = f"в русском тексте есть «{lost[0]}», а в переводе нет"
            yield page.problem(place, "value-lost", message, "Впишите и сюда.", level="warning")


def _left(page: Page, russian: Mapping[Place, str], texts: Mapping[Place, str]) -> Iterator[Problem]:
    """Russian words in an English text, and in its filters. Names of people and places may be meant so: the author says
    that by confirming."""
    for place, text in texts.items():
        if place in russian and (found := _RUSSIAN.search(text)) and not check(text, names_in(russian[place])):
            message = f"«{found[0]}» осталось по-русски"
            fix = f"Переведите; если это имя или адрес и так задумано — допишите {LEFT} в confirmed."
            yield page.problem(place, LEFT, message, fix, level="warning", at=found[0])


def _consents(draft: Draft, flow: Flow, language: str) -> Iterator[str]:
    """Files of consents that are missing in this language; what stands in them is told by the others' rules."""
    for path in filter(None, (flow.consent.personal_data, flow.consent.advertising)):
        if path in draft.consents and in_tongue(path, language) not in draft.consents:
            yield in_tongue(path, language)


def _missing(
    page: Page, russian: Mapping[Place, str], texts: Mapping[Place, str], consents: Iterable[str]
) -> Iterator[Problem]:
    """One problem a file, with the places."""
    left = [".".join(map(str, place)) for place in russian if place not in texts] + list(consents)
    if left:
        message = f"не переведено текстов: {len(left)}; их скажут по-русски"
        fix = f"Переведите или подтвердите: {listed(left)}."
        yield page.problem(("translation",), "not-translated", message, fix, level="warning")

"""Consent texts hold what the law asks of them (L1–L3). A simple rule, told in full, so that an author can follow it.

Each part of the law has words by which it is found; the operator's name and address stand as in ``business.yaml``.
The rule finds what was forgotten; whether the words are right is for a lawyer. A consent in English, ``tours.en.md``
beside ``tours.md``, is looked through for the same in its words; in a third language, for the operator alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.flow import Flow
from dialogs.flow_set import ConsentText
from dialogs.pages import Draft, Page
from dialogs.problems import Level, Problem, nearest
from dialogs.tongues import ENGLISH
from dialogs.translation import RUSSIAN
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
ENGLISH_PARTS = {
    "слова согласия («I give consent», «I agree to …»)": r"\bi\b[^.\"]{0,60}\bgive\b.{0,40}consent"
    r"|\bi\b[^.\"]{0,60}\b(agree|consent) to\b|(?<!who )\bgives\b.{0,40}consent",
    "цели («Purposes: …»)": r"\bpurposes?\b",
    "перечень данных («List of data: …»)": r"\b(list|categories|kinds|types|what|which)( of)?( the| my| your)?"
    r"( personal)? data\b|\bdata:",
    "действия с данными («Actions: collection, storage, …»)": r"\b(actions?|operations?)\b"
    r".{0,200}\b(collect|stor(e|ing|age)|us(e|ing))",
    "получатели («Recipients: …»)": r"\brecipients?\b|\bthird part(y|ies)\b"
    r"|\b(given|passed|disclosed|shared) (on )?(to|with)\b",
    "срок («Term: …»)": r"\bterm\b|\bperiod\b|\bindefinite",
    "как отозвать («How to withdraw: …»)": r"withdraw|revok|revocation",
}
_PARTS = {RUSSIAN: PARTS, ENGLISH: ENGLISH_PARTS}
_ADVERTISING = {RUSSIAN: "реклам", ENGLISH: "advertis"}
_NEWS = {RUSSIAN: re.compile("реклам|рассылк"), ENGLISH: re.compile("advertis|newsletter|marketing")}
_NOT_NEWS = re.compile(
    r"\b(не|без|кроме)\b[^.]{0,40}(реклам|рассылк)|(реклам|рассылк)[^.]{0,30}\bне\b"
    r"|\b(not?|without|except)\b[^.]{0,40}(advertis|newsletter|marketing)"
)
_PURPOSES = re.compile(r"\b(?:цел[иь]|purposes?)\b[^:.]{0,40}:")
_TRANSLATED = re.compile(r"\.[a-z]{2}\.md$")
_SWAPPED = {
    "advertising": "в «{}» согласие на рекламу, а нужно здесь — на обработку данных",
    "personal_data": "в «{}» согласие на обработку данных, а нужно здесь — на рекламу",
}
BEGINNING = 400  # letters: whom it is given to, what it is given for
_NO_NEWS = {
    RUSSIAN: "в согласии на рекламу нет слова «реклама»",
    ENGLISH: "в согласии на рекламу нет слова «advertising»",
}


def lint_consents(draft: Draft) -> Iterator[Problem]:
    """The files that flows refer to, and each text once, however many flows show it."""
    checked: set[tuple[str, str]] = set()
    for flow, page in draft.flows:
        for purpose, path in _paths(flow):
            loc: Loc = ("consent", purpose)
            wording = draft.consents.get(path)
            if problem := _reference(draft, page, loc, path) or _swapped(draft, page, flow, loc, path):
                yield problem
            elif wording and (path, purpose) not in checked and not (purpose == "advertising" and _shared(flow)):
                checked.add((path, purpose))
                yield from _wording(draft, wording, purpose, RUSSIAN)
                for language, one in _translated(draft, path):
                    if problem := _swapped_translation(draft, path, one, purpose):
                        yield problem
                    else:
                        yield from _wording(draft, one, purpose, language)
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


def _swapped(draft: Draft, page: Page, flow: Flow, loc: Loc, path: str) -> Problem | None:
    """The text of the other consent, while that of this one lies beside it."""
    meant, purpose = _about(draft, draft.consents[path].text), loc[-1]
    if meant is None or meant == purpose or _shared(flow):
        return None
    originals = (one for one in draft.consents if one != path and not _TRANSLATED.search(one))
    here = [one for one in originals if _about(draft, draft.consents[one].text) == purpose]
    if not here:
        return None
    right = min(here, key=lambda one: (one.rpartition("/")[0] != path.rpartition("/")[0], one))
    fix = f"Поставьте {right} или файл со своим текстом."
    return page.problem(loc, "consent-swapped", _SWAPPED[meant].format(path), fix)


def _swapped_translation(draft: Draft, path: str, wording: ConsentText, purpose: str) -> Problem | None:
    """The same of a translation, whose place is told by its name alone."""
    meant, ending = _about(draft, wording.text), wording.path[-len(".en.md") :]
    alike = (one.text for other, one in draft.consents.items() if other.endswith(ending) and one is not wording)
    if meant is None or meant == purpose or not any(_about(draft, text) == purpose for text in alike):
        return None
    message, fix = _SWAPPED[meant].format(wording.path), f"Напишите в нём перевод {path}."
    return Problem(wording.path, 1, 1, message, fix, "error", "consent-swapped", wording.text.split("\n")[0])


def _about(draft: Draft, text: str) -> str | None:
    """Which of the two consents a text is, by what is agreed to and by the first of its purposes; None if that does not
    tell: it is about both, or says what is not done."""
    told = _nameless(draft, _folded(text))
    begun, *after = _PURPOSES.split(told, maxsplit=1)
    begun, purposes = begun[:BEGINNING], re.split(r"\.(?:\s|$)", "".join(after))[0]
    if _NOT_NEWS.search(begun) or _NOT_NEWS.search(purposes):
        return None
    if _speaks_of_news(begun) or _speaks_of_news(re.split("[,;]| и | and ", purposes)[0]):
        return "advertising"
    return None if _speaks_of_news(purposes) or not re.search("данных|personal data", begun) else "personal_data"


def _speaks_of_news(text: str) -> bool:
    return any(one.search(text) for one in _NEWS.values())


def _translated(draft: Draft, path: str) -> Iterator[tuple[str, ConsentText]]:
    """The consent in other languages, whichever there are beside it."""
    stem = re.escape(path.removesuffix(".md"))
    for other, wording in draft.consents.items():
        if found := re.fullmatch(rf"{stem}\.([a-z]{{2}})\.md", other):
            yield found[1], wording


def _wording(draft: Draft, wording: ConsentText, purpose: str, language: str) -> Iterator[Problem]:
    text = _folded(wording.text)
    nameless = _nameless(draft, text)
    told = (*_operator(draft, text), *_parts(text, purpose, language), *_form(wording, nameless, purpose, language))
    for name, message, fix in told:
        level: Level = "warning" if name == "consent-two-things" else "error"
        at = {"consent-two-things": _ADVERTISING.get(language, ""), "template-not-here": "{{"}.get(name, "")
        line, column = _place(wording.text, at)
        excerpt = wording.text.split("\n")[line - 1]
        yield Problem(wording.path, line, column, message, fix, level, name, excerpt)


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


def _parts(text: str, purpose: str, language: str) -> Told:
    for part, words in _PARTS.get(language, {}).items():
        if not re.search(words, text, re.S):
            yield "consent-incomplete", f"в тексте согласия не нашлось: {part}", "Допишите эту часть."
    if purpose == "advertising" and language in _NEWS and not _NEWS[language].search(text):
        yield "consent-incomplete", _NO_NEWS[language], "Назовите, на что человек соглашается."


def _form(wording: ConsentText, text: str, purpose: str, language: str) -> Told:
    if len(wording.text) > LONGEST:
        message = f"текст согласия длиннее {LONGEST} знаков ({len(wording.text)}): он не уместится в одно сообщение"
        yield "consent-too-long", message, "Сократите его."
    if "{{" in wording.text:
        yield "template-not-here", "в тексте согласия ничего не подставляется", "Напишите всё словами."
    word = _ADVERTISING.get(language)
    if purpose == "personal_data" and word and word in text:
        message = "в согласии на обработку данных говорится о рекламе: это два разных согласия"
        yield "consent-two-things", message, "Перенесите рекламу в её согласие."


def _nameless(draft: Draft, folded: str) -> str:
    """Without the operator's names: an agency may be called after its advertising."""
    for name in (draft.business.operator.name, draft.business.company) if draft.business else ():
        folded = folded.replace(_folded(name), "")
    return folded


def _folded(text: str) -> str:
    plain = re.sub(r"[«»„“”\"']", '"', text.casefold().replace("ё", "е"))
    return " ".join(plain.split())

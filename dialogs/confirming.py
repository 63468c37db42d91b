"""Warnings that an author has seen and confirmed by name, and confirmations that confirm nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from dialogs.pages import Draft, Page
from dialogs.problems import Problem, nearest

IN_VAIN = "confirmed-in-vain"


def confirmed(draft: Draft, found: Iterable[Problem]) -> Iterator[Problem]:
    """Everything found but the confirmed warnings; and what ``confirmed`` says without need. Errors always stay."""
    found = list(found)
    for page, names, files in _confirming(draft):
        here = [one for one in found if one.file in files]
        yield from (one for one in here if one.level == "error" or one.name not in names)
        yield from _in_vain(page, names, here)
    known = {file for _, _, files in _confirming(draft) for file in files}
    yield from (one for one in found if one.file not in known)


def _confirming(draft: Draft) -> Iterator[tuple[Page, Collection[str], Collection[str]]]:
    """Each file that may confirm, the names, and the files whose warnings it speaks of."""
    for flow, page in draft.flows:
        yield page, flow.confirmed, {page.path}
    for translation, page in draft.translations:
        yield page, translation.confirmed, {page.path}
    if draft.business and draft.business_page:
        yield draft.business_page, draft.business.confirmed, {draft.business_page.path, *draft.consents}


def _in_vain(page: Page, names: Collection[str], here: list[Problem]) -> Iterator[Problem]:
    warnings = {one.name for one in here if one.level == "warning"}
    errors = {one.name for one in here if one.level == "error"} - warnings
    for number, name in enumerate(names):
        if name in warnings:
            continue
        message = f"предупреждения «{name}» здесь нет: подтверждать нечего"
        fix = nearest(name, warnings - set(names)) or "Уберите его из confirmed."
        if name in errors:
            message, fix = f"«{name}» — ошибка: её не подтвердить", "Исправьте её и уберите из confirmed."
        yield page.problem(("confirmed", number), IN_VAIN, message, fix, level="warning")

"""What ``leadbot new`` has left of the invented company: nobody should read that as the law's own words (L3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dialogs.pages import Draft
from dialogs.problems import Problem

COMPANY = re.compile("Автоцентр «Меридиан»")
LEFT = re.compile(r"meridian\.example|(?<=«)Меридиан|ваш адрес")


def lint_sample(draft: Draft) -> Iterator[Problem]:
    """In ``business.yaml`` and in the consents, once a line; the invented company itself may keep its own."""
    page = draft.business_page
    if page is None or draft.business is None or COMPANY.fullmatch(draft.business.company):
        return
    yield from _left(page.path, page.lines)
    for wording in draft.consents.values():
        yield from _left(wording.path, wording.text.split("\n"))


def _left(path: str, lines: Iterable[str]) -> Iterator[Problem]:
    for number, line in enumerate(lines, 1):
        if (found := LEFT.search(line)) and not line.lstrip().startswith("#"):
            message = f"«{found[0]}» осталось от образца"
            fix = "Напишите здесь своё: это читают люди."
            yield Problem(path, number, found.start() + 1, message, fix, "warning", "left-from-sample", line)

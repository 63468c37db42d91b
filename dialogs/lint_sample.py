"""What ``leadbot new`` has left of the invented company: nobody should read that as the law's own words (L3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dialogs.pages import Draft
from dialogs.problems import Problem

COMPANY = re.compile("Автоцентр «Меридиан»")
LEFT = re.compile(r"meridian\.example|(?<=«)Меридиан")
OPERATOR = "ООО «Меридиан Авто»"
NO_STREET = "ваш адрес"


def lint_sample(draft: Draft) -> Iterator[Problem]:
    """In ``business.yaml`` and in the consents, once a line; the invented company itself may keep its own."""
    page, business = draft.business_page, draft.business
    if page is None or business is None or COMPANY.fullmatch(business.company):
        return
    names = f"{business.company} {business.operator.name}".replace(OPERATOR, "")
    own = LEFT.search(names) is not None  # many are called so
    left = re.compile(r"meridian\.example") if own else LEFT
    if business.operator.address.endswith(f", {NO_STREET}"):  # elsewhere these are words like any others
        left = re.compile(f"{left.pattern}|(?<={re.escape(business.operator.address[: -len(NO_STREET)])}){NO_STREET}")
    yield from _left(left, page.path, page.lines)
    for wording in draft.consents.values():
        yield from _left(left, wording.path, wording.text.split("\n"))


def _left(left: re.Pattern[str], path: str, lines: Iterable[str]) -> Iterator[Problem]:
    for number, line in enumerate(lines, 1):
        if (found := left.search(line)) and not line.lstrip().startswith("#"):
            message = f"«{found[0]}» осталось от образца"
            fix = "Напишите здесь своё: это читают люди."
            yield Problem(path, number, found.start() + 1, message, fix, "warning", "left-from-sample", line)

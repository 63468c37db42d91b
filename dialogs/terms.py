"""How long a consent lasts, as its text says: «Срок: один год»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_NUMBERS = {"один": 1, "одна": 1, "одну": 1, "два": 2, "две": 2, "три": 3, "шесть": 6}
_DAYS = {"д": 1, "н": 7, "м": 30, "г": 365, "л": 365}
_TERM = re.compile(
    rf"\bсрок\w*(?:\s+(?:действия|согласия|обработки|хранения))*\s*[:—–-]?\s*(\d{{1,4}}|{'|'.join(_NUMBERS)})\s+"
    r"(день|дня|дней|недел[яиюь]|месяц(?:а|ев)?|года?|лет)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Term:
    """``told``: the words of the text."""

    told: str
    lasts: timedelta


def term_of(text: str) -> Term | None:
    """Told in so many words; «пока заявка в работе и ещё один год» is longer than anybody can count here."""
    found = _TERM.search(text)
    if found is None:
        return None
    number = _NUMBERS.get(found[1].casefold()) or int(found[1])
    return Term(" ".join(found[0].split()), timedelta(days=number * _DAYS[found[2][0].casefold()]))

"""The bot's own words in the language that a conversation is held in. Phrases are made in Russian, where they belong;
here they are said again, by the line. What is not known, and every word of authors and of people, stays as it is."""

from __future__ import annotations

import re

from dialogs.catalogue import CYRILLIC, Catalogue
from dialogs.moments import ON_WEEKDAY, SHORT, WEEKDAYS
from dialogs.phrases_english import OUTSIDE_FLOWS, PHRASES
from dialogs.wording import MONTHS

ENGLISH = "en"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORD = re.compile("[а-яё]+", re.I)
_ON_DAY = {words: f"on {day}" for words, day in zip(ON_WEEKDAY, _DAYS, strict=True)}
_CALENDAR = {
    **dict(zip(MONTHS, _MONTHS, strict=True)),
    **dict(zip(WEEKDAYS, _DAYS, strict=True)),
    **dict(zip(SHORT, (day[:3] for day in _DAYS), strict=True)),
    "сегодня": "today", "завтра": "tomorrow", "послезавтра": "the day after tomorrow", "сейчас": "now",
    "утром": "in the morning", "днём": "in the afternoon", "вечером": "in the evening", "в": "at", "с": "from",
    "до": "to", "после": "after", "из": "of", "да": "yes", "нет": "no",
}  # fmt: skip
_DAY_OF = re.compile("|".join(sorted(_ON_DAY, key=len, reverse=True)), re.I)


def in_language(text: str, language: str) -> str:
    """The text in this language, line by line; as it is, where the language is Russian or not spoken here."""
    if language != ENGLISH or not CYRILLIC.search(text):
        return text
    return "\n".join(map(_ENGLISH.said, text.split("\n")))


def value_in_language(text: str, language: str) -> str:
    """The same for a value alone: a day, an hour, yes or no."""
    return (calendar(text) or _ENGLISH.said(text)) if language == ENGLISH else text


def calendar(text: str) -> str | None:
    """«пт 27 ноября, 15:30» -> «Fri 27 November, 15:30»: words of days, hours, yes and no; None: there are others."""
    known = _DAY_OF.sub(lambda found: _like(found[0], _ON_DAY[found[0].lower()]), text)
    words = _WORD.findall(known)
    if (known == text and not words) or any(word.lower() not in _CALENDAR for word in words):
        return None
    return _WORD.sub(lambda found: _like(found[0], _CALENDAR[found[0].lower()]), known)


def _like(russian: str, said: str) -> str:
    return said[:1].upper() + said[1:] if russian[:1].isupper() else said


_ENGLISH = Catalogue(PHRASES + OUTSIDE_FLOWS, also=calendar)
PAIRS = tuple(_ENGLISH.pairs())

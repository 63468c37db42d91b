"""Days and hours typed in English, in the words that their readers know: «on Friday at 3 pm» is «в пятницу в 15:00»."""

from __future__ import annotations

import re

from dialogs.moments import ON_WEEKDAY, WEEKDAYS
from dialogs.wording import MONTHS

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december")  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = {name[:3]: russian for name, russian in zip(_MONTHS, MONTHS, strict=True)}
_DAY = dict(zip((name[:3] for name in _DAYS), zip(WEEKDAYS, ON_WEEKDAY, strict=True), strict=True))
_ANY_MONTH = "|".join(rf"{name[:3]}(?:{name[3:]})?" if name[3:] else name for name in _MONTHS)
_ANY_DAY = "|".join(rf"{name[:3]}(?:{name[3:]}|{name[3:-3]})?" for name in _DAYS)
_NUMBERS = {"a": "", "an": "", "one": "один", "two": "два", "three": "три", "four": "четыре", "five": "пять"}
_SPANS = {"day": "дней", "week": "недель", "month": "месяцев", "year": "лет", "hour": "часов", "minute": "минут"}
_ONE = {"day": "день", "week": "неделю", "month": "месяц", "year": "год", "hour": "час", "minute": "минуту"}

_LATIN = re.compile("[a-z]{2}")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
_NUMBER_FIRST = re.compile(rf"\b(\d{{1,2}})\s+(?:of\s+)?({_ANY_MONTH})\b")
_MONTH_FIRST = re.compile(rf"\b({_ANY_MONTH})\s+(?:the\s+)?(\d{{1,2}})\b(?!:)")
_WEEKDAY = re.compile(rf"\b(next\s+|this\s+)?(on\s+)?({_ANY_DAY})\b")
_HOUR = re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))?\s?([ap])\.?m\b\.?")
_AHEAD = re.compile(rf"\bin\s+(\d{{1,3}}|{'|'.join(_NUMBERS)})\s+(day|week|month|year|hour|minute)s?\b")
_OTHERS = (
    ("the day after tomorrow", "послезавтра"), ("day after tomorrow", "послезавтра"), ("tomorrow", "завтра"),
    ("today", "сегодня"), ("right now", "сейчас"), ("now", "сейчас"), ("as soon as possible", "сейчас"),
    ("in the morning", "утром"), ("morning", "утром"), ("in the afternoon", "днем"), ("afternoon", "днем"),
    ("in the evening", "вечером"), ("evening", "вечером"), ("tonight", "сегодня вечером"), ("at noon", "в полдень"),
    ("noon", "полдень"), ("any time", "в любое время"), ("anytime", "в любое время"), ("whenever", "в любое время"),
    ("next week", "на следующей неделе"), ("this week", "на этой неделе"), ("next month", "в следующем месяце"),
    ("weekend", "в выходные"), ("not before", "не раньше"), ("after", "после"), ("before", "до"), ("from", "с"),
    ("until", "до"), ("till", "до"), ("to", "до"), ("between", "между"), ("and", "и"), ("at", "в"), ("or", "или"),
)  # fmt: skip
_OTHER = re.compile(r"\b(?:" + "|".join(words for words, _ in _OTHERS) + r")\b")
_SAID = dict(_OTHERS)


def days_in_russian(plain: str) -> str:
    """A folded text; as it is, where nothing English is in it."""
    if not _LATIN.search(plain):
        return plain
    plain = _ORDINAL.sub(r"\1", plain)
    plain = _HOUR.sub(_hour, _AHEAD.sub(_ahead, plain))
    plain = _NUMBER_FIRST.sub(lambda found: f"{found[1]} {_MONTH[found[2][:3]]}", plain)
    plain = _MONTH_FIRST.sub(lambda found: f"{found[2]} {_MONTH[found[1][:3]]}", plain)
    plain = _WEEKDAY.sub(_weekday, plain)
    return _OTHER.sub(lambda found: _SAID[found[0]], plain)


def _hour(found: re.Match[str]) -> str:
    hour = int(found[1]) % 12 + (12 if found[3] == "p" else 0)
    return f"{hour}:{found[2] or '00'}"


def _ahead(found: re.Match[str]) -> str:
    number = _NUMBERS.get(found[1], found[1])
    return f"через {number} {_SPANS[found[2]]}" if number not in ("", "один", "1") else f"через {_ONE[found[2]]}"


def _weekday(found: re.Match[str]) -> str:
    named, on = _DAY[found[3][:3]]
    return f"следующая {named}" if found[1] and found[1].startswith("next") else on

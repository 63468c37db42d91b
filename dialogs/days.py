"""Days in a text: «завтра», «в пятницу», «15 декабря», «через две недели», «на выходных»."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dialogs.wording import MONTHS

_COUNTS = {
    word: value
    for value, words in enumerate(
        (
            "",
            "один одну одна",
            "два две пару пара",
            "три",
            "четыре",
            "пять",
            "шесть",
            "семь",
            "восемь",
            "девять",
            "десять",
        )
    )
    for word in words.split()
}
_UNITS = ("первого", "второго", "третьего", "четвертого", "пятого", "шестого", "седьмого", "восьмого", "девятого")
_TEENS = (
    "десятого", "одиннадцатого", "двенадцатого", "тринадцатого", "четырнадцатого", "пятнадцатого", "шестнадцатого",
    "семнадцатого", "восемнадцатого", "девятнадцатого", "двадцатого",
)  # fmt: skip
_ORDINALS = {
    **{word: place for place, word in enumerate((*_UNITS, *_TEENS), 1)},
    **{f"двадцать {word}": 20 + place for place, word in enumerate(_UNITS, 1)},
    "тридцатого": 30,
    "тридцать первого": 31,
}
_ORDINALS |= {re.sub("го$", "е", word): place for word, place in _ORDINALS.items()}
_SPELLED = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_MONTH = r"(янв|фев|мар|апр|мая|май|мае|июн|июл|авг|сен|окт|ноя|дек)[а-я]*"
_STEMS = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_WEEKDAY = (
    r"(понедельник[а-я]*|пн|вторник[а-я]*|вт|сред[ауые]|ср|четверг[а-я]*|чт|пятниц[а-я]*|пт|суббот[а-я]*|сб"
    r"|воскресен[а-я]*|вс|вск)"
)
_FIRST_LETTERS = ("по", "вт", "ср", "че", "пя", "су", "во")
_SHORT_DAYS = {"пн": 0, "вт": 1, "ср": 2, "чт": 3, "пт": 4, "сб": 5, "вс": 6, "вск": 6}
_AHEAD = {"сегодня": 0, "завтра": 1, "послезавтра": 2, "после завтра": 2, "вчера": -1, "позавчера": -2}
_YEAR = r"(?:\s*,?\s*(\d{4}|\d{2}(?=\s*г))(?:\s*г(?:ода|\.)?)?)?"
_N = rf"(\d{{1,3}}|{'|'.join(_COUNTS)})"

Kind = Literal["sure", "yearless", "either", "vague"]


@dataclass(frozen=True, slots=True)
class Mention:
    """Days that one place of the text may mean: one (``sure``), the same of several years, one of two, or any of a
    time that is no day (``vague``: «на выходных»), whose ``question`` is then asked. ``span`` is that place;
    ``weekday``: it names no more than that."""

    days: tuple[date, ...]
    kind: Kind
    span: tuple[int, int]
    question: str = ""
    weekday: int | None = None


def find_days(text: str, today: date, *, numeric: bool = True) -> list[Mention]:
    """Every mention of a day in a text that ``spelled`` gave. ``numeric``: «15.12» is a day and not an hour."""
    found: list[Mention] = []
    rest = text
    for pattern, read in _PATTERNS if numeric else _PATTERNS[1:]:
        for match in pattern.finditer(rest):
            mention = read(match, today)
            if mention is not None:
                found.append(mention)
                rest = rest[: match.start()] + "#" * (match.end() - match.start()) + rest[match.end() :]
    return sorted(found, key=lambda one: one.span)


def bare_day(text: str, today: date) -> Mention | None:
    """«15» or «15-го» alone, where nothing but a day is asked for."""
    match = re.fullmatch(rf"(?:на )?(?:(\d{{1,2}})(?:\s*-?\s*(?:го|е))?|({_SPELLED}))\.?", text)
    return _of_month(match, today) if match else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def shift(day: date, months: int) -> date:
    """The same day so many months on; the month's last, where it has no such day."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    year = min(max(year, 1), 9999)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _sure(match: re.Match[str], day: date | None) -> Mention | None:
    return Mention((day,), "sure", match.span()) if day else None


def _any_year(match: re.Match[str], today: date, month: int, day: int, year: str | None) -> Mention | None:
    if year:
        whole = int(year) if len(year) == 4 else _century(int(year), today)
        return _sure(match, _date(whole, month, day))
    years = range(today.year - 4, today.year + 5)  # eight years hold a 29th of February
    days = tuple(one for one in (_date(year, month, day) for year in years) if one)
    return Mention(days, "yearless", match.span()) if days else None


def _century(year: int, today: date) -> int:
    """«85» is 1985, «27» is 2027."""
    return 2000 + year if year <= today.year % 100 + 20 else 1900 + year


def _iso(match: re.Match[str], today: date) -> Mention | None:
    return _sure(match, _date(int(match[1]), int(match[2]), int(match[3])))


def _numbers(match: re.Match[str], today: date) -> Mention | None:
    return _any_year(match, today, int(match[2]), int(match[1]), match[3])


def _month(written: str) -> int:
    return _STEMS.index("май" if written.startswith("ма") and written[:3] in ("май", "мая", "мае") else written[:3]) + 1


def _day(written: str) -> int:
    return int(written) if written.isdigit() else _ORDINALS[written]


def _of_named_month(match: re.Match[str], today: date) -> Mention | None:
    return _any_year(match, today, _month(match[2]), _day(match[1]), match[3])


def _two_of_month(match: re.Match[str], today: date) -> Mention | None:
    """«15 или 16 декабря»."""
    pair = [_any_year(match, today, _month(match[3]), int(match[one]), None) for one in (1, 2)]
    coming = [min((day for day in one.days if day >= today), default=None) for one in pair if one]
    days = tuple(day for day in coming if day)
    return Mention(days, "either", match.span()) if len(days) == 2 else None


def _of_month(match: re.Match[str], today: date) -> Mention | None:
    """«15-го»: of this month, or of the next that has such a day."""
    number = _day(match[1] or next(filter(None, match.groups()[1:])))
    months = (shift(today.replace(day=1), ahead) for ahead in range(3))
    days = [one for month in months if (one := _date(month.year, month.month, number)) and one >= today]
    return _sure(match, days[0]) if days else None


def _relative(match: re.Match[str], today: date) -> Mention | None:
    return _sure(match, today + timedelta(days=_AHEAD[match[1]]))


def _count(written: str | None) -> int:
    return 1 if not written else int(written) if written.isdigit() else _COUNTS[written]


def _through(match: re.Match[str], today: date) -> Mention | None:
    return _sure(match, _moved(today, _count(match[1]), match[2]))


def _ago(match: re.Match[str], today: date) -> Mention | None:
    return _sure(match, _moved(today, -_count(match[1]), match[2]))


def _moved(today: date, number: int, unit: str) -> date | None:
    if unit.startswith("полгод"):
        return shift(today, 6 if number > 0 else -6)
    if unit[:3] in ("мес", "год", "лет"):
        return shift(today, number * (1 if unit.startswith("мес") else 12))
    return today + timedelta(days=number * (7 if unit.startswith("нед") else 1))


def _on_weekday(match: re.Match[str], today: date) -> Mention | None:
    """The coming one; what may be this week's or the next is both."""
    written = match[2]
    number = _SHORT_DAYS.get(written)
    number = _FIRST_LETTERS.index(written[:2]) if number is None else number
    days = _weekdays(number, match[1] or "", today)
    return Mention(days, "sure" if len(days) == 1 else "either", match.span(), weekday=number)


def _weekdays(number: int, which: str, today: date) -> tuple[date, ...]:
    ahead = (number - today.weekday()) % 7
    coming, following = today + timedelta(days=ahead), today + timedelta(days=7 - today.weekday() + number)
    if which.startswith("прошл"):
        return (today - timedelta(days=(today.weekday() - number) % 7 or 7),)
    if which.startswith("следующ"):
        return (coming, following) if number > today.weekday() else (following,)
    return (coming,) if ahead or which.startswith("эт") else (coming, coming + timedelta(days=7))


def _vague(match: re.Match[str], days: list[date], question: str) -> Mention:
    return Mention(tuple(days), "vague", match.span(), question)


def _weekend(match: re.Match[str], today: date) -> Mention | None:
    weeks = 1 if match[1] else 0
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 if today.weekday() != 6 else -1)
    saturday += timedelta(days=7 * weeks if today.weekday() < 5 else 0)
    return _vague(match, [saturday, saturday + timedelta(days=1)], "В какой день вам удобнее?")


def _week(match: re.Match[str], today: date) -> Mention | None:
    following = (match[2] or "").startswith("след")
    monday = today + timedelta(days=7 - today.weekday()) if following else today
    days = [monday + timedelta(days=ahead) for ahead in range(7 - monday.weekday())]
    which = {"нач": days[:2], "сер": days[1:4], "кон": days[-4:-1] or days}.get((match[1] or "")[:3], days[:5])
    return _vague(match, which, "В какой день недели?")


def _part_of_month(match: re.Match[str], today: date) -> Mention | None:
    first = today.replace(day=1)
    if match[3]:
        first = shift(first, (_month(match[3]) - first.month) % 12)
    elif (match[2] or "").startswith("след"):
        first = shift(first, 1)
    last = monthrange(first.year, first.month)[1]
    numbers = {"нач": (1, 3, 5, 7), "сер": (13, 15, 17, 19), "кон": (last - 5, last - 3, last - 1, last)}[match[1][:3]]
    days = [first.replace(day=number) for number in numbers]
    if days[-1] < today:
        shifted = shift(first, 12 if match[3] else 1)
        days = [shifted.replace(day=min(one.day, monthrange(shifted.year, shifted.month)[1])) for one in days]
    return _vague(match, days, "Какое это число?")


def _some_month(match: re.Match[str], today: date) -> Mention | None:
    month = _month(match[1]) if match[1] else today.month + ("следующ" in match[0])
    month = (month - 1) % 12 + 1
    first = shift(today.replace(day=1), (month - today.month) % 12)
    days = [max(first.replace(day=number), today) for number in (5, 10, 15, 20, 25)]
    question = f"Какого числа? Напишите, например: 15 {MONTHS[month - 1]}."
    return _vague(match, sorted(set(days)), question)


_SPAN = r"(дн[яей]+|день|недел[юияь]*|месяц[а-я]*|год[а-я]*|лет|полгода)"
_FORMS: tuple[tuple[str, Callable[[re.Match[str], date], Mention | None]], ...] = (
    (r"(?<![\d.:])(\d{1,2})[.,/](\d{1,2})()(?![\d:]|[./]\d|\s*(?:час|ч\b))", _numbers),
    (r"(?<!\d)(\d{1,2})\s?[./ -]\s?(\d{1,2})\s?[./ -]\s?(\d{4}|\d{2})(?![\d:])(?:\s*г(?:ода|\.)?)?", _numbers),
    (r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", _iso),
    (rf"(?<!\d)(\d{{1,2}})\s?(?:-|/|или|либо|и)\s?(\d{{1,2}})\s+{_MONTH}\b", _two_of_month),
    (rf"(?<![\d:])(\d{{1,2}}|{_SPELLED})(?:\s?-?\s?(?:го|е|ое))?(?:\s+числа)?\s+{_MONTH}\b{_YEAR}", _of_named_month),
    (rf"\b(начал|середин|коне?ц)[а-я]*\s+(?:(этого|следующего)\s+)?(?:месяц[а-я]*|{_MONTH})\b", _part_of_month),
    (r"\b(сегодня|завтра|послезавтра|после завтра|позавчера|вчера)\b", _relative),
    (rf"\bчерез\s+(?:{_N}\s+)?{_SPAN}(?![а-я])", _through),
    (rf"(?<!\d)(?:\b{_N}\s+)?\b{_SPAN}\s+назад\b", _ago),
    (rf"(?:\b(эт[а-я]+|следующ[а-я]+|ближайш[а-я]+|прошл[а-я]+)\s+)?\b{_WEEKDAY}\b", _on_weekday),
    (r"\b(следующ[а-я]+\s+)?(?:на |в )?выходн(?:ых|ые|ой)\b", _weekend),
    (r"(?:\b(начал|середин|коне?ц)[а-я]*\s+)?(?:\b(следующей|этой)\s+)?\bнедел[еи]\b", _week),
    (rf"(?<![\d:])(\d{{1,2}})\s?-?\s?(?:го|числа)\b()|\b({_SPELLED})\s+числа\b", _of_month),
    (rf"\bв\s+(?:{_MONTH}|следующем месяце|этом месяце)(?!\s*\d)", _some_month),
)
_PATTERNS = [(re.compile(form), read) for form, read in _FORMS]

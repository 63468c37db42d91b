"""How values read in Russian: «3 вопроса», «27 ноября», «2 500 ₽», «+7 900 123-45-67»."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date

from dialogs.phones import pretty

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
_RUSSIAN, _ENGLISH = Locale.parse("ru"), Locale.parse("en_GB")


class Dated(str):
    """ISO text of a day or a moment: filters read it, ``shown`` is how it reads without one."""

    __slots__ = ("shown",)
    shown: str

    def __new__(cls, text: str, shown: str) -> Dated:
        made = super().__new__(cls, text)
        made.shown = shown
        return made


def plain(value: object) -> object:
    """A value without a filter, as people would write it."""
    if value is None:
        return ""
    if isinstance(value, Dated):
        return value.shown
    if isinstance(value, bool):
        return "да" if value else "нет"
    return day(value) if isinstance(value, date) else value


def plural(number: int, one: str, few: str, many: str) -> str:
    """The word's form for this number: 1 вопрос, 3 вопроса, 11 вопросов."""
    form = _RUSSIAN.plural_form(abs(number))
    return {"one": one, "few": few}.get(form, many)


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def count(value: object, one: str, few: str, many: str = "") -> str:
    """3 -> «3 вопроса». What is no number stays as it is. Two forms are enough for English: 21 -> «21 questions»."""
    number = _number(value)
    if number is None:
        return str(plain(value))
    return f"{number} {plural(number, one, few, many) if many else one if abs(number) == 1 else few}"


def _date(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value).partition("/")[0])
    except ValueError:
        return None


def day(value: object) -> str:
    """«27 ноября». The caller has already put the moment into the business's zone."""
    found = _date(value)
    return f"{found.day} {MONTHS[found.month - 1]}" if found else str(value or "")


def full_date(value: object) -> str:
    """«27.11.2026»."""
    found = _date(value)
    return f"{found:%d.%m.%Y}" if found else str(value or "")


def hour(value: object) -> str:
    """«15:30»; for a day, or what is no moment, as it is."""
    found = _date(value)
    moment = isinstance(value, datetime) or "T" in str(value)
    return f"{found:%H:%M}" if moment and isinstance(found, datetime) else str(plain(value))


def money(value: object) -> str:
    """2500 -> «2 500 ₽»."""
    number = _number(value)
    return str(value or "") if number is None else f"{number:,} ₽".replace(",", " ")


def phone(value: object) -> str:
    """«+79001234567» -> «+7 900 123-45-67»."""
    return pretty(str(value)) if value else ""


def capital(value: object) -> str:
    """«анна» -> «Анна»: the first letter alone."""
    text = str(plain(value))
    return text[:1].upper() + text[1:]


FILTERS: Mapping[str, Callable[..., str]] = {
    "count": count,
    "day": day,
    "date": full_date,
    "time": hour,
    "money": money,
    "phone": phone,
    "capital": capital,
}


# ---------------------------------------------------------------- in English


def english_plain(value: object) -> object:
    """A value without a filter, in an English text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return english_day(value) if isinstance(value, date) else plain(value)


def english_day(value: object) -> str:
    """«27 November»."""
    found = _date(value)
    return format_date(found, "d MMMM", locale=_ENGLISH) if found else str(value or "")


def english_date(value: object) -> str:
    """«27 Nov 2026»: figures alone would be read in two ways."""
    found = _date(value)
    return format_date(found, "d MMM y", locale=_ENGLISH) if found else str(value or "")


def english_money(value: object) -> str:
    """2500 -> «2,500 ₽»."""
    number = _number(value)
    return str(value or "") if number is None else f"{number:,} ₽"


ENGLISH_FILTERS: Mapping[str, Callable[..., str]] = {
    **FILTERS,
    "day": english_day,
    "date": english_date,
    "money": english_money,
}

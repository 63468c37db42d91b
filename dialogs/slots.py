"""``within: working_hours``: a moment somebody can come at; and what to say about one when nobody is there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from dialogs.business import Business
from dialogs.flow import AnswerSpec
from dialogs.hours import hours_of
from dialogs.moments import ON_WEEKDAY, dated
from dialogs.understood import Option
from dialogs.wording import capital


def fits(spec: AnswerSpec, moment: datetime, business: Business) -> bool:
    """May it be answered, as far as working hours go?"""
    return spec.within is None or business.is_open(moment)


def open_days(spec: AnswerSpec, options: Iterable[Option], business: Business) -> tuple[Option, ...]:
    """Those of the days on which somebody works; all of them, if there is none: the person is told why none will do."""
    days = tuple(options)
    if spec.within is None:
        return days
    return tuple(one for one in days if hours_of(business, date.fromisoformat(str(one.value)))) or days


def hours_told(business: Business, day: date, today: date) -> str:
    """«В субботу, 28 ноября, мы работаем с 10:00 до 18:00.»"""
    hours = hours_of(business, day)
    when = f"{capital(ON_WEEKDAY[day.weekday()])}, {dated(day, today)},"
    return f"{when} мы не работаем." if hours is None else f"{when} мы работаем с {hours[0]:%H:%M} до {hours[1]:%H:%M}."

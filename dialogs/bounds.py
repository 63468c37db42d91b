"""``from`` and ``to`` of an answer: numbers, ``this_year``, ``today``, a date, or a span from today (``1 year``)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema

from dialogs.days import shift

_SPAN = re.compile(r"(\d{1,4}) ?(day|days|week|weeks|month|months|year|years)")
_WAY_OUT = 'напишите число, this_year, today, дату "2027-06-30" или срок от сегодня: 14 days, 2 weeks, 1 year'
_FURTHEST = 150 * 12  # months


def _bound(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"граница «{value}» не понята; {_WAY_OUT}")
    if isinstance(value, int):
        return value
    text = value.isoformat() if type(value) is date else str(value)
    if text not in ("this_year", "today") and _span(text) is None and _date(text) is None:
        raise ValueError(f"граница «{text}» не понята; {_WAY_OUT}")
    return text


Bound = Annotated[
    int | str,
    BeforeValidator(_bound),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer"},
                {"enum": ["this_year", "today"]},
                {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
                {"type": "string", "pattern": r"^\d{1,4} ?(days?|weeks?|months?|years?)$"},
            ]
        }
    ),
]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _span(text: str) -> tuple[int, str] | None:
    found = _SPAN.fullmatch(text)
    if not found:
        return None
    number, unit = int(found[1]), found[2].rstrip("s")
    months = number * {"day": 1 / 30, "week": 1 / 4, "month": 1, "year": 12}[unit]
    return (number, unit) if months <= _FURTHEST else None


def number(bound: int | str | None, now: datetime, zone: ZoneInfo) -> int | None:
    """The bound of a number; None for none."""
    return now.astimezone(zone).year if bound == "this_year" else bound if isinstance(bound, int) else None


def day(bound: int | str | None, today: date) -> date | None:
    """The bound of a date; None for none."""
    if bound is None or isinstance(bound, int):
        return None
    if bound == "today":
        return today
    if bound == "this_year":
        return today.replace(month=1, day=1)
    span = _span(bound)
    if span is None:
        return _date(bound)
    count, unit = span
    if unit in ("day", "week"):
        return today + timedelta(days=count * (7 if unit == "week" else 1))
    return shift(today, count * (12 if unit == "year" else 1))


def is_of_days(bound: int | str | None) -> bool:
    """May it bound a date?"""
    return isinstance(bound, str) and bound != "this_year"


def is_of_numbers(bound: int | str | None) -> bool:
    """May it bound a number?"""
    return isinstance(bound, int) or bound == "this_year"

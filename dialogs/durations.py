"""Spans of time as authors write them: ``20 min``, ``2 h``, ``1 day``, ``3 days``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_UNITS = {"min": "minutes", "h": "hours", "day": "days", "days": "days", "week": "weeks", "weeks": "weeks"}
_FORM = re.compile(r"^\s*(\d{1,5})\s*(min|h|days?|weeks?)\s*$")
LONGEST = timedelta(days=366)


def span(text: object) -> timedelta:
    """«20 min» -> timedelta. Raises ValueError with the way out; bounds: one minute to 366 days (A15)."""
    if isinstance(text, timedelta):
        return text
    found = _FORM.match(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"срок «{text}» не понят; пишите, например: 20 min, 2 h, 1 day, 3 days, 2 weeks")
    value = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if not timedelta(minutes=1) <= value <= LONGEST:
        raise ValueError(f"срок «{text}» вне пределов; напишите от 1 min до 366 days")
    return value


def spelled(span: timedelta) -> str:
    """As an author would write it, in whole minutes, rounded up: what ``span`` reads."""
    minutes = max(1, -(-span // timedelta(minutes=1)))
    if minutes % 1440 == 0:
        return "1 day" if minutes == 1440 else f"{minutes // 1440} days"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def in_russian(span: timedelta) -> str:
    """«20 мин», «2 ч», «3 д»"""
    minutes = int(span.total_seconds() // 60)
    if minutes % 1440 == 0:
        return f"{minutes // 1440} д"
    return f"{minutes // 60} ч" if minutes % 60 == 0 else f"{minutes} мин"


Duration = Annotated[
    timedelta,
    BeforeValidator(span),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,5} ?(min|h|days?|weeks?)$"}),
]

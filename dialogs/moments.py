"""Days and moments as answers: ISO text is kept, «пт 27 ноября, 15:30» is read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialogs.wording import MONTHS, capital

WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
ON_WEEKDAY = (
    "в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье",
)  # fmt: skip
SHORT = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_NEAR = timedelta(days=300)  # beyond it a day without its year may be taken for another


def day_of(value: str) -> date | None:
    """The day of an answer's ISO text; None when it is none."""
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def moment_of(value: str, zone: ZoneInfo) -> datetime | None:
    """The moment of an answer's ISO text, in the business's zone; None when it is none."""
    try:
        found = datetime.fromisoformat(value.partition("/")[0])
        return found.astimezone(zone) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def iso(moment: datetime) -> str:
    """«2026-11-27T15:30+03:00»."""
    return moment.isoformat(timespec="minutes")


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """This hour of this day there; an hour that the clocks leave out moves on (T4)."""
    return datetime.combine(day, clock, zone).astimezone(ZoneInfo("UTC")).astimezone(zone)


def dated(day: date, today: date | None) -> str:
    """«27 ноября»; with the year, where it might be another."""
    near = today is not None and abs(day - today) < _NEAR
    return f"{day.day} {MONTHS[day.month - 1]}" + ("" if near else f" {day.year}")


def brief(day: date, today: date | None) -> str:
    """«пт 27 ноября», for cards and buttons."""
    return f"{SHORT[day.weekday()]} {dated(day, today)}"


def spoken(day: date, today: date | None) -> str:
    """«пятница, 27 ноября», for questions."""
    return f"{WEEKDAYS[day.weekday()]}, {dated(day, today)}"


def shown_moment(value: str, now: datetime | None, zone: ZoneInfo | None = None) -> str:
    """An answer's ISO text as people read it: a day, a moment or a span of hours. ``now`` lets the year be left out."""
    start, _, until = value.partition("/")
    day = day_of(start)
    if day is None:
        return {"now": "сейчас", "any": "в любое время"}.get(value, value)
    today = now.astimezone(zone).date() if now else None
    if "T" not in start:
        return brief(day, today)
    hours = f"{start[11:16]}–{until}" if until else start[11:16]
    return f"{brief(day, today)}, {hours}"


def confirmed(value: str, now: datetime, zone: ZoneInfo) -> str:
    """«Пятница, 27 ноября, 15:30. Верно?»"""
    day = day_of(value)
    assert day is not None
    _, comma, hours = shown_moment(value, now, zone).partition(", ")
    return f"{capital(spoken(day, now.astimezone(zone).date()))}{comma}{hours}. Верно?"

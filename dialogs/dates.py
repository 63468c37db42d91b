"""Dates as people write them: «завтра», «в пятницу», «15 декабря», «15.12», «в конце месяца». Always shown back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialogs import bounds
from dialogs.days import Mention, bare_day, find_days
from dialogs.flow import AnswerSpec
from dialogs.moments import SHORT, brief, confirmed, dated
from dialogs.spelling import spelled
from dialogs.understood import Option, Refusal, Understood, Unsure

MOST_OPTIONS = 5
NOT_A_DATE = "Напишите, пожалуйста, день."
WHICH_DAY = "Какой день вы имеете в виду?"
_NAMES = {0: "Сегодня", 1: "Завтра", 2: "Послезавтра"}


@dataclass(frozen=True, slots=True)
class Span:
    """The days that may be answered, ends included; None: no bound."""

    least: date | None
    most: date | None

    def __contains__(self, day: date) -> bool:
        return (self.least is None or day >= self.least) and (self.most is None or day <= self.most)


def span_of(spec: AnswerSpec, today: date) -> Span:
    """The bounds of a date, by the day it is asked."""
    return Span(bounds.day(spec.least, today), bounds.day(spec.most, today))


def read_date(spec: AnswerSpec, text: str, *, now: datetime, zone: ZoneInfo) -> Understood | Refusal | Unsure:
    """A day within the spec's bounds, to be confirmed; several that may be meant are asked about."""
    today = now.astimezone(zone).date()
    span = span_of(spec, today)
    plain = spelled(text)
    found = find_days(plain, today)
    if not found and (bare := bare_day(plain, today)):
        found = [bare]
    answer = one_day(found, span, today)
    if answer is None:
        return Refusal(f"{NOT_A_DATE} Например: {example(span, today)}")
    if isinstance(answer, date):
        value = answer.isoformat()
        return Understood(value, brief(answer, today), confirmed(value, now, zone))
    return answer


def one_day(found: list[Mention], span: Span, today: date) -> date | Refusal | Unsure | None:
    """The one day that these mentions come to; None when there is no mention."""
    if not found:
        return None
    found = _on_its_weekday(found, span)
    days = set(found[0].days).intersection(*(one.days for one in found[1:])) or {
        day for one in found for day in _likely(one, span, today)
    }
    fitting = sorted(day for day in days if day in span)
    if not fitting:
        return Refusal(f"{_bounds(span, today)} Например: {example(span, today)}")
    vague = next((one.question for one in found if one.kind == "vague"), "")
    if vague and len(found) == 1:
        return Unsure(vague, tuple(option(day, today) for day in fitting[:MOST_OPTIONS]))
    yearless = all(one.kind == "yearless" for one in found) or len({(day.month, day.day) for day in fitting}) == 1
    if len(fitting) == 1 or yearless:
        return next((day for day in fitting if day >= today), fitting[-1])
    return Unsure(WHICH_DAY, tuple(option(day, today) for day in fitting[:MOST_OPTIONS]))


def _on_its_weekday(found: list[Mention], span: Span) -> list[Mention]:
    """«пт 27 августа» is that of the years in which it is a Friday."""
    named = [one for one in found if one.weekday is None]
    numbers = {one.weekday for one in found} - {None}
    if len(named) != 1 or len(numbers) != 1:
        return found
    days = tuple(day for day in named[0].days if day.weekday() in numbers and day in span)
    return [replace(named[0], days=days)] if days and named[0].kind != "vague" else found


def _likely(mention: Mention, span: Span, today: date) -> Iterable[date]:
    """Of the years that a day without one may be of, the nearest ahead that fits, else the last."""
    if mention.kind != "yearless":
        return mention.days
    fitting = [day for day in mention.days if day in span] or mention.days
    return (next((day for day in fitting if day >= today), fitting[-1]),)


def option(day: date, today: date) -> Option:
    """The day as a button."""
    name = _NAMES.get((day - today).days) or SHORT[day.weekday()].capitalize()
    return Option(f"{day:%Y%m%d}", day.isoformat(), f"{name}, {dated(day, today)}")


def likely_days(spec: AnswerSpec, now: datetime, zone: ZoneInfo) -> tuple[Option, ...]:
    """Buttons for whoever is at a loss: the days ahead that fit and the next Saturday."""
    today = now.astimezone(zone).date()
    span = span_of(spec, today)
    first = max(today, span.least or today)
    if span.most and span.most < first:
        first = span.most - timedelta(days=2)
    saturday = first + timedelta(days=(5 - first.weekday()) % 7)
    days = sorted({*(first + timedelta(days=ahead) for ahead in range(3)), saturday})
    return tuple(option(day, today) for day in days if day in span)


def redeemed(spec: AnswerSpec, token: str, *, now: datetime, zone: ZoneInfo) -> Understood | None:
    """What the button of ``option`` says; None for one that is out of bounds by now, or is none of ours."""
    today = now.astimezone(zone).date()
    try:
        day = datetime.strptime(token, "%Y%m%d").replace(tzinfo=zone).date()
    except ValueError:
        return None
    return Understood(day.isoformat(), brief(day, today)) if day in span_of(spec, today) else None


def example(span: Span, today: date) -> str:
    """A day that would be taken, as people write it."""
    wished = (today + timedelta(days=7), today, span.most, span.least)
    return dated(next((day for day in wished if day and day in span), today), today)


def _bounds(span: Span, today: date) -> str:
    least, most = (dated(day, today) if day else "" for day in (span.least, span.most))
    if least and most:
        return f"Нужен день с {least} по {most}."
    return f"Нужен день не раньше {least}." if least else f"Нужен день не позже {most}."

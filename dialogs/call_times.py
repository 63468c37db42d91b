"""When to call: buttons made from working hours, or an hour in words; never outside working hours unsaid."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from dialogs.business import Business
from dialogs.clock import PARTS, Clock
from dialogs.dates import Span, one_day
from dialogs.english_days import days_in_russian
from dialogs.hours import hours_of, working_days
from dialogs.moments import ON_WEEKDAY, at, confirmed, dated, iso, shown_moment
from dialogs.slots import hours_told
from dialogs.times import day_and_clock, next_day, rounded
from dialogs.understood import Option, Refusal, Understood, Unsure
from dialogs.wording import capital

NOW, ANY = "now", "any"
SHOWN = {NOW: "сейчас", ANY: "в любое время"}
LABELS = {NOW: "Сейчас", ANY: "В любое время"}
NOT_A_TIME = "Когда вам позвонить? Например: завтра после 15"
CLOSED_NOW = "Сейчас мы не работаем."
FURTHEST = timedelta(days=60)
_SHORTEST = timedelta(minutes=30)
_DAY_PARTS = (("утром", time(0), time(12)), ("днём", time(12), time(17)), ("вечером", time(17), time(23, 59)))
_ANY = re.compile(
    r"(?:в |на )?люб(?:ое|ой|ом)\b|когда угодно"
    r"|в?се? ?равно|без разницы|не ?важно|как (?:вам )?удобно|когда (?:вам )?удобно"
    r"|в удобное|в рабочее время|весь день|целый день|в течени[еи] дня"
)
_HEARD = re.compile(r"[^а-я ]+")


def offered(now: datetime, business: Business) -> tuple[Option, ...]:
    """«Сейчас» if somebody is at work, parts of today and of the next working day, «В любое время»."""
    here = now.astimezone(business.zone)
    options = [Option(NOW, NOW, LABELS[NOW])] if business.is_open(now) else []
    for day in list(working_days(business, here.date()))[:3]:
        options += [_option(day, name, start, until, here) for name, start, until in _parts(day, here, business)]
        if len(options) >= 4:
            break
    return (*options[:5], Option(ANY, ANY, LABELS[ANY]))


def _parts(day: date, here: datetime, business: Business) -> list[tuple[str, time, time]]:
    """The parts of the day that working hours leave, and today those that have not begun."""
    hours = hours_of(business, day)
    if hours is None:
        return []
    clipped = [(name, max(since, hours[0]), min(until, hours[1])) for name, since, until in _DAY_PARTS]
    long = [one for one in clipped if _minutes(one[2]) - _minutes(one[1]) >= _SHORTEST.total_seconds() / 60]
    return [one for one in long if day > here.date() or one[1] > here.time()]


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _option(day: date, name: str, start: time, until: time, here: datetime) -> Option:
    ahead = (day - here.date()).days
    on_day = ON_WEEKDAY[day.weekday()] if ahead < 7 else dated(day, here.date())  # a week on a weekday is ambiguous
    when = {0: "сегодня", 1: "завтра"}.get(ahead, on_day)
    moment = at(day, start, here.tzinfo)  # type: ignore[arg-type]
    value = f"{iso(moment)}/{until:%H:%M}"
    return Option(f"{moment:%Y%m%d%H%M}-{until:%H%M}", value, capital(f"{when} {name}"))


def read_call_time(text: str, *, now: datetime, business: Business, day: str = "") -> Understood | Refusal | Unsure:
    """«сейчас», «завтра после 15», «с 10 до 12», «в любое время»: never outside working hours unsaid."""
    here = now.astimezone(business.zone)
    days, clock = day_and_clock(text, here.date())
    heard = _HEARD.sub(" ", days_in_russian(text.casefold().replace("ё", "е")))
    if not days and not (clock and clock.hour) and _ANY.search(heard):
        return Understood(ANY, SHOWN[ANY])
    if clock and clock.wait is not None and not days:
        if clock.wait:
            return _within(rounded(here + clock.wait), None, now, business)
        return Understood(NOW, SHOWN[NOW]) if business.is_open(now) else _closed(CLOSED_NOW, now, business)
    found = one_day(days, Span(here.date(), here.date() + FURTHEST), here.date())
    if isinstance(found, Unsure):
        return _on_days(found, now, business)
    if isinstance(found, Refusal):
        return found
    if found is None and clock is None:
        return Refusal(NOT_A_TIME)
    known = found or (date.fromisoformat(day) if day else None)
    start, until = _asked(clock)
    if known is None:
        known = next_day(here, until or start)
        known = next(working_days(business, known), known)
    hours = hours_of(business, known)
    if hours is None:
        return _outside(known, now, business)
    start = max(start, hours[0]) if start == time(0) or (clock and clock.part) else start
    if clock is None or clock.after or clock.before or clock.part or clock.until:
        until = min(until or hours[1], hours[1])
    if known == here.date() and until and start <= here.time() < until:
        start = min(rounded(here).time(), until)
    if until is not None and start >= until:
        return _outside(known, now, business)
    return _within(at(known, start, business.zone), until, now, business)


def _on_days(unsure: Unsure, now: datetime, business: Business) -> Unsure:
    """Of the days that may be meant, those with working hours still to come, each from end to end."""
    options = []
    for one in unsure.options:
        day = date.fromisoformat(str(one.value))
        hours = hours_of(business, day)
        if hours and at(day, hours[1], business.zone) > now:
            moment = at(day, hours[0], business.zone)
            value = f"{iso(moment)}/{hours[1]:%H:%M}"
            options.append(Option(f"{moment:%Y%m%d%H%M}-{hours[1]:%H%M}", value, one.label))
    return Unsure(unsure.question, tuple(options)) if options else _closed("В эти дни мы не работаем.", now, business)


def _asked(clock: Clock | None) -> tuple[time, time | None]:
    """The hours that are meant: since when (0:00: since the opening), until when."""
    if clock is None:
        return time(0), None
    if clock.part:
        return PARTS[clock.part]
    assert clock.hour is not None
    return (time(0), clock.hour) if clock.before else (clock.hour, clock.until)


def _within(moment: datetime, until: time | None, now: datetime, business: Business) -> Understood | Unsure:
    hours = hours_of(business, moment.date())
    if hours is None or not hours[0] <= moment.time() < hours[1]:
        return _outside(moment.date(), now, business)
    if moment < now - timedelta(minutes=1):
        return _closed("Это время уже прошло.", now, business)
    value = iso(moment) + (f"/{until:%H:%M}" if until else "")
    return Understood(value, shown_moment(value, now, business.zone), confirmed(value, now, business.zone))


def _outside(day: date, now: datetime, business: Business) -> Unsure:
    today = now.astimezone(business.zone).date()
    return _closed(hours_told(business, day, today), now, business)


def _closed(why: str, now: datetime, business: Business) -> Unsure:
    return Unsure(f"{why} Когда вам удобнее?", offered(now, business))


def redeemed(token: str, *, now: datetime, business: Business) -> Understood | Unsure | None:
    """What the button of ``offered`` says by now: the hours may be over, somebody may have gone home."""
    if token == ANY:
        return Understood(ANY, SHOWN[ANY])
    if token == NOW:
        return Understood(NOW, SHOWN[NOW]) if business.is_open(now) else _closed(CLOSED_NOW, now, business)
    try:
        start = datetime.strptime(token[:12], "%Y%m%d%H%M").replace(tzinfo=business.zone)
        until = time.fromisoformat(token[13:])
    except ValueError:
        return None
    hours = hours_of(business, start.date())
    ends = datetime.combine(start.date(), until, business.zone)
    if not hours or ends <= now or start - now > FURTHEST or not hours[0] <= start.time() < until <= hours[1]:
        return _closed("Это время уже прошло.", now, business)
    value = f"{iso(start)}/{until:%H:%M}"
    return Understood(value, shown_moment(value, now, business.zone))

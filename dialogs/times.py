"""A day and an hour: «завтра в 15:30», «в пятницу утром», «через час». What is missing is asked, the past refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialogs import slots
from dialogs.business import Business
from dialogs.clock import PARTS, Clock, find_clock
from dialogs.dates import MOST_OPTIONS, Span, example, likely_days, one_day, span_of
from dialogs.days import Mention, bare_day, find_days
from dialogs.flow import AnswerSpec
from dialogs.hours import hours_of, working_days
from dialogs.moments import at, brief, confirmed, dated, iso, shown_moment, spoken
from dialogs.spelling import spelled
from dialogs.understood import Option, Refusal, Understood, Unsure
from dialogs.wording import capital

NOT_A_TIME = "Напишите, пожалуйста, день и час."
PAST = "Это время уже прошло."
WHAT_HOUR = "{day}. В какое время?"
WHICH_HOUR, WHICH_TIME = "В какое время вам удобно?", "Какие день и час вам подойдут?"
_NO_HOURS = (time(10), time(19))
_STEP = timedelta(minutes=5)


def read_time(
    spec: AnswerSpec, text: str, *, now: datetime, business: Business, day: str = ""
) -> Understood | Refusal | Unsure:
    """A moment ahead within the spec's bounds, to be confirmed. ``day``: ISO, known from the turn before."""
    zone = business.zone
    here = now.astimezone(zone)
    span = _ahead(span_of(spec, here.date()), here.date())
    days, clock = day_and_clock(text, here.date())
    if clock and clock.wait is not None and not days:
        return _at(spec, rounded(here + clock.wait), span, now=now, business=business)
    found = one_day(days, span, here.date())
    if isinstance(found, Unsure):
        found = replace(found, options=slots.open_days(spec, found.options, business))
        if clock and clock.hour:
            found = _with_hour(found, clock.hour, now, zone)
    if isinstance(found, Refusal | Unsure):
        return found
    if found is None and clock is None:
        return Refusal(f"{NOT_A_TIME} Например: {example(span, here.date())}, 15:30")
    which = found or (date.fromisoformat(day) if day else None)
    if clock is None or clock.part:
        which = which or next_day(here, PARTS[clock.part][1] if clock else time(0))
        return hours_asked(spec, which, clock.part if clock else "", now=now, business=business)
    assert clock.hour is not None
    which = which or next_day(here, clock.hour)
    return _at(spec, at(which, clock.hour, zone), span, now=now, business=business)


def _with_hour(unsure: Unsure, hour: time, now: datetime, zone: ZoneInfo) -> date | Unsure:
    """The same days as buttons, each with the hour that was said; the only one where it is still to come is meant."""
    moments = [(at(date.fromisoformat(str(one.value)), hour, zone), one.label) for one in unsure.options]
    coming = [(moment, label) for moment, label in moments if moment > now]
    if len(coming) == 1:
        return coming[0][0].date()
    options = (Option(f"{one:%Y%m%d%H%M}", iso(one), f"{label}, {one:%H:%M}") for one, label in coming)
    return Unsure(unsure.question, tuple(options))


def day_and_clock(text: str, today: date) -> tuple[list[Mention], Clock | None]:
    """The days and the hour that a text names; «15.10» is an hour, unless it is the only way to find a day."""
    plain = spelled(text)
    days = find_days(plain, today, numeric=False)
    rest = _without(plain, days)
    clock = find_clock(rest)
    if days:
        return days, clock if clock and clock.wait is None else None
    numeric = find_days(plain, today)
    if numeric and (len(rest) > 5 or clock is None or clock.hour is None):
        other = find_clock(_without(plain, numeric))
        if other or clock is None or not plain.startswith("в "):
            return numeric, other if other and other.wait is None else None
    if clock is None and (bare := bare_day(plain, today)):
        return [bare], None
    return [], clock


def _without(text: str, mentions: Iterable[Mention]) -> str:
    for one in mentions:
        start, end = one.span
        text = text[:start] + "#" * (end - start) + text[end:]
    return text


def _ahead(span: Span, today: date) -> Span:
    return Span(max(span.least or today, today), span.most)


def rounded(moment: datetime) -> datetime:
    """Up to whole five minutes."""
    over = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + (_STEP if over else timedelta(0))


def next_day(here: datetime, until: time) -> date:
    """Today, if that hour is still to come; else tomorrow."""
    return here.date() if until > here.time() or until == time(0) else here.date() + timedelta(days=1)


def _at(
    spec: AnswerSpec, moment: datetime, span: Span, *, now: datetime, business: Business
) -> Understood | Refusal | Unsure:
    zone = business.zone
    today = now.astimezone(zone).date()
    if moment < now:
        return Refusal(f"{PAST} Например: {example(span, today)}, 15:30")
    if moment.date() not in span:
        return Refusal(f"{_too_far(span, today)} Например: {example(span, today)}, 15:30")
    if not slots.fits(spec, moment, business):
        return _nobody_there(spec, moment.date(), now=now, business=business)
    value = iso(moment)
    return Understood(value, shown_moment(value, now, zone), confirmed(value, now, zone))


def _too_far(span: Span, today: date) -> str:
    if span.most is None:
        return f"Нужен день не раньше {dated(span.least or today, today)}."
    return f"Нужен день с {dated(span.least or today, today)} по {dated(span.most, today)}."


def hours_asked(spec: AnswerSpec, day: date, part: str, *, now: datetime, business: Business) -> Unsure:
    """Which hour of the day, with buttons; of a part of it, when one was named."""
    today = now.astimezone(business.zone).date()
    hours = [one for one in free_hours(day, part, now=now, business=business) if slots.fits(spec, one, business)]
    if spec.within and not hours:
        return _nobody_there(spec, day, now=now, business=business)
    options = tuple(_hour_option(moment) for moment in hours)
    return Unsure(WHAT_HOUR.format(day=capital(spoken(day, today))), options, day.isoformat())


def _nobody_there(spec: AnswerSpec, day: date, *, now: datetime, business: Business) -> Unsure:
    """When somebody is: the hours of that day that are still to come, or likely times of others."""
    why = slots.hours_told(business, day, now.astimezone(business.zone).date())
    hours = free_hours(day, "", now=now, business=business) if hours_of(business, day) else []
    if hours:
        return Unsure(f"{why} {WHICH_HOUR}", tuple(_hour_option(moment) for moment in hours), day.isoformat())
    return Unsure(f"{why} {WHICH_TIME}", likely_times(spec, now=now, business=business))


def free_hours(day: date, part: str, *, now: datetime, business: Business) -> list[datetime]:
    """Whole hours of the day that are still to come: within working hours if it has some, at most six."""
    opens, closes = hours_of(business, day) or _NO_HOURS
    if part:
        start, until = PARTS[part]
        if max(opens, start) < min(closes, until):
            opens, closes = max(opens, start), min(closes, until)
        else:
            opens, closes = start, until
    hours = [at(day, time(hour), business.zone) for hour in range(opens.hour + bool(opens.minute), 24)]
    coming = [one for one in hours if one > now and one.time() < closes and one.date() == day]
    return coming[:: max(1, -(-len(coming) // (MOST_OPTIONS + 1)))]


def _hour_option(moment: datetime) -> Option:
    return Option(f"{moment:%Y%m%d%H%M}", iso(moment), f"{moment:%H:%M}")


def likely_times(spec: AnswerSpec, *, now: datetime, business: Business) -> tuple[Option, ...]:
    """Buttons for whoever is at a loss: two hours of each of the next two working days, or of the days that fit."""
    here = now.astimezone(business.zone)
    span = _ahead(span_of(spec, here.date()), here.date())
    days = [day for day in working_days(business, max(here.date(), span.least or here.date())) if day in span]
    if not days and not spec.within:
        days = [date.fromisoformat(str(one.value)) for one in likely_days(spec, now, business.zone)]
    options: list[Option] = []
    for day in days[:3]:
        hours = free_hours(day, "", now=now, business=business)
        for moment in hours[1 : 1 + 2 * 2 : 2]:
            label = f"{brief(day, here.date())}, {moment:%H:%M}"
            options.append(Option(f"{moment:%Y%m%d%H%M}", iso(moment), capital(label)))
    return tuple(options[:4])


def redeemed(spec: AnswerSpec, token: str, *, now: datetime, business: Business) -> Understood | Unsure | None:
    """What the button says: a moment, or a day whose hour is then asked. None for one that is past or out of bounds by
    now, or is none of ours."""
    whole = len(token) == 12
    try:
        found = datetime.strptime(token, "%Y%m%d%H%M" if whole else "%Y%m%d").replace(tzinfo=business.zone)
    except ValueError:
        return None
    today = now.astimezone(business.zone).date()
    if (whole and found < now) or found.date() not in _ahead(span_of(spec, today), today):
        return None
    if not whole:
        return hours_asked(spec, found.date(), "", now=now, business=business)
    if not slots.fits(spec, found, business):
        return _nobody_there(spec, found.date(), now=now, business=business)
    value = iso(at(found.date(), found.time(), business.zone))
    return Understood(value, shown_moment(value, now, business.zone))

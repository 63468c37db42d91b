"""When the business works, and when it may write first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dialogs.business import DAYS, Business


def hours_of(business: Business, day: date) -> tuple[time, time] | None:
    """When somebody is at work on this day; None on a day off."""
    return None if day in business.days_off else business.working_hours.get(DAYS[day.weekday()])  # type: ignore[call-overload]


def working_days(business: Business, since: date) -> Iterator[date]:
    """Days with working hours, from this one on, for a month."""
    return (day for ahead in range(31) if hours_of(business, day := since + timedelta(days=ahead)))


def opens_at(business: Business, now: datetime) -> datetime:
    """The next moment somebody is at work (``now`` itself when open), in the business's zone.

    A business without working hours in the coming year is taken at its word: ``now``.
    """
    if business.is_open(now):
        return now.astimezone(business.zone)
    here = now.astimezone(business.zone)
    for ahead in range(366):
        day = here.date() + timedelta(days=ahead)
        hours = hours_of(business, day)
        if hours is None:
            continue
        opening = datetime.combine(day, hours[0], business.zone)
        if opening > here:
            return opening
    return here


def is_quiet(business: Business, now: datetime) -> bool:
    """Quiet hours may pass midnight; equal ends mean none."""
    since, until = business.quiet_hours
    here = now.astimezone(business.zone).time()
    if since <= until:
        return since <= here < until
    return here >= since or here < until


def next_allowed(business: Business, when: datetime) -> datetime:
    """The first moment at or after ``when`` at which an unsolicited message may go (T4: a missing hour moves on)."""
    if not is_quiet(business, when):
        return when
    here = when.astimezone(business.zone)
    until: time = business.quiet_hours[1]
    morning = datetime.combine(here.date(), until, business.zone)
    if morning <= here:
        morning = datetime.combine(here.date() + timedelta(days=1), until, business.zone)
    return morning.astimezone(when.tzinfo)

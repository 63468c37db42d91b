"""What a person is promised, honestly: an answer by a human, an offer, the last day of a code."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialogs import phrases
from dialogs.conversation import Known
from dialogs.flow_set import Script
from dialogs.wording import day


def promise(script: Script, known: Known, now: datetime) -> str:
    """When a person will answer, honestly (D11)."""
    if known.open_now or known.opens_at is None:
        return phrases.OPEN_PROMISE.format(within=script.business.answer_within or phrases.WITHIN)
    opening, here = (moment.astimezone(script.business.zone) for moment in (known.opens_at, now))
    ahead = (opening.date() - here.date()).days
    return phrases.CLOSED_PROMISE.format(day=phrases.SOON.get(ahead) or day(opening), time=f"{opening:%H:%M}")


def not_given(script: Script, offer: str, known: Known, now: datetime) -> str:
    """Why nothing is, honestly: the offer is over, or all its codes are given out."""
    terms, promised = script.flow.offers.get(offer), promise(script, known, now)
    if terms and terms.ended(now, script.business.zone):
        return phrases.OFFER_ENDED.format(day=day(terms.until), promise=promised)
    return phrases.CODES_ENDED.format(promise=promised)


def deadline(valid: timedelta | None, until: datetime | None, now: datetime) -> datetime | None:
    """A code's personal deadline: ``valid`` from now, never past the offer's own end."""
    ends = [end for end in (now + valid if valid else None, until) if end]
    return min(ends) if ends else None
